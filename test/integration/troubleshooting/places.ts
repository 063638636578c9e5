/** What `{…}` stands for in the table: busy ports, a directory in every state, a provider, files. */
import { createSocket } from 'node:dgram';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestAuthority } from '../directory/authority.ts';
import { SlapdProcess } from '../directory/slapd-process.ts';
import { freeTcpPort } from '../server-process.ts';

export interface Places {
  readonly values: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function openPlaces(): Promise<Places> {
  const folder = mkdtempSync(join(tmpdir(), 'conclave-places-'));
  const authority = new TestAuthority(folder, 'authority');
  const other = new TestAuthority(folder, 'other');
  const expired = new TestAuthority(folder, 'expired', { isExpired: true });
  const certificate = authority.issue('server', 'DNS:localhost');
  const slapds = await Promise.all([
    SlapdProcess.start(join(folder, 'slapd'), { certificate }),
    SlapdProcess.start(join(folder, 'plain')),
    SlapdProcess.start(join(folder, 'old'), { certificate: expired.issue('x', 'DNS:localhost') }),
  ]);
  const [directory, plain, old] = slapds;
  const udp = createSocket('udp6');
  await new Promise<void>((resolve) => udp.bind(0, '::', resolve));
  const tcp = createServer();
  await new Promise<void>((resolve) => tcp.listen(0, '::', resolve));
  const provider = createHttpsServer(
    { cert: readFileSync(certificate.certFile), key: readFileSync(certificate.keyFile) },
    (request, response) => {
      const path = request.url ?? '';
      const isDocument = path === '/other-name/.well-known/openid-configuration';
      if (path.startsWith('/elsewhere')) response.writeHead(404).end();
      else if (isDocument) {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ issuer: 'https://login.example.com' }));
      } else response.setHeader('content-type', 'text/html').end('<h1>A page</h1>');
    },
  );
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));

  const file = join(folder, 'file');
  writeFileSync(file, 'no certificate\n');
  mkdirSync(join(folder, 'empty'));
  const configWith = (name: string, certFile: string, keyFile: string): string => {
    const keys = join(folder, name, 'keys');
    mkdirSync(keys, { recursive: true, mode: 0o700 });
    writeFileSync(join(keys, 'cert.crt'), readFileSync(certFile));
    writeFileSync(join(keys, 'cert.key'), readFileSync(keyFile));
    return join(folder, name);
  };
  const ended = authority.issue('ended', 'DNS:localhost', { isExpired: true });
  const portOf = (server: { address(): unknown }) =>
    String((server.address() as { port: number }).port);

  return {
    values: {
      busyTcpPort: portOf(tcp),
      busyUdpPort: portOf(udp),
      closedPort: String(await freeTcpPort()),
      file,
      emptyFolder: join(folder, 'empty'),
      configWithExpiredCertificate: configWith('ended-config', ended.certFile, ended.keyFile),
      configWithOtherKey: configWith('other-config', certificate.certFile, ended.keyFile),
      authority: authority.certFile,
      otherAuthority: other.certFile,
      expiredAuthority: expired.certFile,
      directory: directory.url,
      plainAsSecure: directory.url.replace('ldap:', 'ldaps:'),
      directoryByAddress: directory.url.replace('localhost', '127.0.0.1'),
      directoryWithoutTls: plain.url,
      directoryOfExpiredAuthority: old.url,
      provider: `https://localhost:${portOf(provider)}`,
    },
    async close() {
      udp.close();
      tcp.close();
      provider.closeAllConnections();
      provider.close();
      for (const slapd of slapds) await slapd.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** `{name}` replaced; an unknown name is a mistake in the table. */
export function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    if (name === 'room' || name === 'state') return whole;
    const value = values[name];
    if (value === undefined) throw new Error(`the table names {${name}}, which does not exist`);
    return value;
  });
}
