/** A real OpenLDAP server (Debian's slapd) with a few people, on free ports, in a folder of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freeTcpPort } from '../server-process.ts';
import type { IssuedCertificate } from './authority.ts';

const SLAPD = ['/usr/sbin/slapd', '/usr/lib/openldap/slapd'].find(existsSync) ?? 'slapd';
const SLAPADD = SLAPD.replace(/slapd$/, 'slapadd');
const SLAPMODIFY = SLAPD.replace(/slapd$/, 'slapmodify');

/** What it says, with the log of connections, when it waits for clients. */
const LISTENS = 'daemon: epoll: listen=';
const START_TIMEOUT_MS = 30_000;

export const BASE = 'dc=example,dc=com';
export const ADMIN = { dn: `cn=admin,${BASE}`, password: 'directory secret' };

const person = (uid: string, name: string, password: string, more = '') => `
dn: uid=${uid},ou=people,${BASE}
objectClass: inetOrgPerson
uid: ${uid}
cn: ${name}
sn: ${name.split(' ').at(-1)}
mail: ${uid}@example.com
userPassword: ${password}
${more}`;

/** {SSHA} of "grace's password", {CRYPT} is what cannot be compared. */
const PEOPLE = `
dn: ${BASE}
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ou=people,${BASE}
objectClass: organizationalUnit
ou: people

dn: ou=groups,${BASE}
objectClass: organizationalUnit
ou: groups
${person('ada', 'Ada Lovelace', 'enchantress', 'displayName: Ada\nemployeeType: teacher\n')}
${person('grace', 'Grace Hopper', '{SSHA}pgIxbkBrEb8NzZHEpiz7RRY4L75zYWx0IQ==')}
${person('crypt', 'Crypt Person', '{CRYPT}$6$salt$nothing')}
${person('twin', 'Twin One', 'same')}

dn: cn=twin,ou=people,${BASE}
objectClass: inetOrgPerson
cn: twin
uid: twin
sn: Two
userPassword: same
${person('jürgen', 'Jürgen Groß', 'schöner Geheimtext')}

dn: cn=teachers,ou=groups,${BASE}
objectClass: groupOfNames
cn: teachers
member: uid=grace,ou=people,${BASE}

dn: cn=staff,ou=groups,${BASE}
objectClass: posixGroup
cn: staff
gidNumber: 100
memberUid: ada
`;

export interface SlapdOptions {
  readonly certificate?: IssuedCertificate;
  /** Lines for the global part of slapd.conf. */
  readonly config?: string;
}

export class SlapdProcess {
  readonly plainPort: number;
  readonly securePort: number;
  #process: ChildProcess | undefined;
  readonly #folder: string;

  private constructor(folder: string, ports: readonly [number, number]) {
    this.#folder = folder;
    [this.plainPort, this.securePort] = ports;
  }

  static async start(folder: string, options: SlapdOptions = {}): Promise<SlapdProcess> {
    mkdirSync(join(folder, 'data'), { recursive: true });
    const slapd = new SlapdProcess(folder, [await freeTcpPort(), await freeTcpPort()]);
    slapd.#configure(options);
    await slapd.run();
    return slapd;
  }

  get url(): string {
    return `ldap://localhost:${this.plainPort}`;
  }

  get secureUrl(): string {
    return `ldaps://localhost:${this.securePort}`;
  }

  /** Starts again after `stop`, with the same data and ports. */
  async run(): Promise<void> {
    const hosts = `ldap://127.0.0.1:${this.plainPort}/ ldaps://127.0.0.1:${this.securePort}/`;
    const args = ['-f', join(this.#folder, 'slapd.conf'), '-h', hosts, '-d', 'conns'];
    const child = spawn(SLAPD, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process = child;
    await new Promise<void>((resolve, reject) => {
      let output = '';
      const fail = () => reject(new Error(`slapd did not start: ${output}`));
      const timer = setTimeout(fail, START_TIMEOUT_MS);
      child.once('error', fail);
      child.once('close', fail);
      child.stderr.on('data', (data: Buffer) => {
        if (output.includes(LISTENS)) return;
        output += data.toString();
        if (!output.includes(LISTENS)) return;
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Freezes it: connections stay, nothing is answered. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Takes an entry out; the directory is away meanwhile. */
  async remove(dn: string): Promise<void> {
    await this.stop();
    const input = `dn: ${dn}\nchangetype: delete\n`;
    const args = ['-f', join(this.#folder, 'slapd.conf')];
    const { status, stderr } = spawnSync(SLAPMODIFY, args, { input, encoding: 'utf8' });
    if (status !== 0) throw new Error(`slapmodify: ${stderr}`);
    await this.run();
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGCONT');
    child.kill('SIGKILL');
    await ended;
  }

  #configure({ certificate, config = '' }: SlapdOptions): void {
    const schemas = ['core', 'cosine', 'inetorgperson', 'nis'];
    const tls =
      certificate === undefined
        ? ''
        : `TLSCertificateFile ${certificate.certFile}\nTLSCertificateKeyFile ${certificate.keyFile}\n`;
    const file = join(this.#folder, 'slapd.conf');
    writeFileSync(
      file,
      `${schemas.map((name) => `include /etc/ldap/schema/${name}.schema`).join('\n')}
modulepath /usr/lib/ldap
moduleload back_mdb
${tls}${config}
database mdb
maxsize 10485760
suffix "${BASE}"
rootdn "${ADMIN.dn}"
rootpw "${ADMIN.password}"
directory ${join(this.#folder, 'data')}
access to attrs=userPassword by dn.base="${ADMIN.dn}" read by anonymous auth by * none
access to * by * read
`,
    );
    const added = spawnSync(SLAPADD, ['-f', file], { input: PEOPLE, encoding: 'utf8' });
    if (added.status !== 0) throw new Error(`slapadd: ${added.stderr}`);
  }
}
