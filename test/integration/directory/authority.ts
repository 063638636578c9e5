/** A certificate authority of a test, by the openssl program: names, and validity in the past too. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface IssuedCertificate {
  readonly certFile: string;
  readonly keyFile: string;
}

export class TestAuthority {
  readonly certFile: string;
  readonly #keyFile: string;
  readonly #folder: string;
  readonly #name: string;

  /** Files go to `folder`; `name` makes them its own. */
  constructor(folder: string, name: string, { isExpired = false } = {}) {
    this.#folder = folder;
    this.#name = name;
    this.certFile = join(folder, `${name}.crt`);
    this.#keyFile = join(folder, `${name}.key`);
    this.#create(this.certFile, this.#keyFile, `/CN=${name}`, {
      isExpired,
      extensions: ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign'],
    });
  }

  get pem(): string {
    return readFileSync(this.certFile, 'utf8');
  }

  /** `names` as OpenSSL writes them: `DNS:localhost`, `IP:127.0.0.1`. */
  issue(file: string, names: string, { isExpired = false } = {}): IssuedCertificate {
    const certFile = join(this.#folder, `${this.#name}-${file}.crt`);
    const keyFile = join(this.#folder, `${this.#name}-${file}.key`);
    this.#create(certFile, keyFile, '/CN=server', {
      isExpired,
      extensions: [`subjectAltName=${names}`],
      isIssued: true,
    });
    return { certFile, keyFile };
  }

  #create(
    certFile: string,
    keyFile: string,
    subject: string,
    options: { isExpired: boolean; extensions: readonly string[]; isIssued?: boolean },
  ): void {
    openssl(['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', keyFile]);
    const request = `${certFile}.csr`;
    openssl(['req', '-new', '-key', keyFile, '-subj', subject, '-out', request]);
    const extensionFile = `${certFile}.ext`;
    writeFileSync(extensionFile, `${options.extensions.join('\n')}\n`);
    const signer = options.isIssued
      ? ['-CA', this.certFile, '-CAkey', this.#keyFile, '-CAcreateserial']
      : ['-signkey', keyFile];
    // A negative number of days ends in the past.
    const days = options.isExpired ? '-1' : '2';
    openssl([
      ...['x509', '-req', '-in', request, '-days', days, '-extfile', extensionFile],
      ...signer,
      ...['-out', certFile],
    ]);
  }
}

function openssl(args: readonly string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`);
}
