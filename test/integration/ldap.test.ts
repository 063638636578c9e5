/** Log-ins against a real OpenLDAP: every way to bind, TLS in every state, fail-over, hostile names. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LdapDirectory, type LdapOptions } from '@conclave/access';
import type { LogFields, Logger } from '@conclave/base';
import { systemClock, systemTimers } from '@conclave/platform/net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { TestAuthority } from './directory/authority.ts';
import { ADMIN, BASE, SlapdProcess } from './directory/slapd-process.ts';

let folder: string;
let authority: TestAuthority;
let slapd: SlapdProcess;
let lines: string[] = [];
const open: LdapDirectory[] = [];

const logger: Logger = {
  debug: () => {},
  info: (event, fields) => note(event, fields),
  warn: (event, fields) => note(event, fields),
  error: (event, fields) => note(event, fields),
  child: () => logger,
};
function note(event: string, fields?: LogFields): void {
  lines.push(`${event} ${JSON.stringify(fields ?? {})}`);
}

function directory(changes: Partial<LdapOptions> = {}): LdapDirectory {
  const made = new LdapDirectory(
    { clock: systemClock, timers: systemTimers, logger },
    {
      urls: [slapd.url],
      base: BASE,
      bindDn: '',
      bindPassword: '',
      filter: '(uid=%u)',
      method: 'bind',
      startTls: false,
      tls: { checkPeer: true, ciphers: undefined, authorities: [authority.pem] },
      moderatorGroups: [],
      moderatorFilter: '',
      realm: 'meet.jitsi',
      timeoutMs: 5000,
      maxConnections: 4,
      ...changes,
    },
  );
  open.push(made);
  return made;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'conclave-ldap-'));
  authority = new TestAuthority(folder, 'authority');
  const certificate = authority.issue('server', 'DNS:localhost');
  slapd = await SlapdProcess.start(join(folder, 'slapd'), { certificate });
});
afterEach(() => {
  lines = [];
  for (const one of open.splice(0)) one.close();
});
afterAll(async () => {
  await slapd?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('who gets in', () => {
  test('the right password does, with name and address from the directory', async () => {
    expect(await directory().verifyPassword('ada', 'enchantress')).toEqual({
      type: 'accepted',
      account: 'ada',
      person: 'uid=ada,ou=people,dc=example,dc=com',
      user: { id: 'ada', name: 'Ada', email: 'ada@example.com' },
      isModerator: undefined,
    });
  });

  test('a spelling that the directory takes for the same person is the same account', async () => {
    const verdict = await directory().verifyPassword(' ADA ', 'enchantress');
    expect(verdict).toMatchObject({ type: 'accepted', account: 'ada' });
  });

  test('letters beyond ASCII in name and password', async () => {
    const verdict = await directory().verifyPassword('jürgen', 'schöner Geheimtext');
    expect(verdict).toMatchObject({ type: 'accepted', user: { name: 'Jürgen Groß' } });
  });

  test('says whom a name means, however it is spelt, for those who count wrong passwords', async () => {
    const person = 'uid=ada,ou=people,dc=example,dc=com';
    for (const user of ['ada', 'ADA', 'ada  ', ' ada']) {
      const verdict = await directory().verifyPassword(user, 'wrong');
      expect(verdict).toEqual({ type: 'refused', person });
    }
    expect(await directory().verifyPassword('nobody', 'wrong')).toEqual({ type: 'refused' });
    const right = await directory().verifyPassword(' Ada', 'enchantress');
    expect(right).toMatchObject({ type: 'accepted', account: 'ada', person });
  });

  test.each([
    ['a wrong password', 'ada', 'abracadabra'],
    ['an empty password, which would be an anonymous bind', 'ada', ''],
    ['nobody of that name', 'nobody', 'enchantress'],
    ['two people of that name', 'twin', 'same'],
    ['an empty name', '', 'enchantress'],
  ])('not %s', async (_, user, password) => {
    expect(await directory().verifyPassword(user, password)).toMatchObject({ type: 'refused' });
    expect(lines.join()).toContain('access.login.refused');
    expect(lines.join()).not.toContain(password === '' ? ADMIN.password : password);
  });

  test.each([
    '*',
    'ad*',
    'ada)(uid=*',
    '*)(objectClass=*',
    'ada)(|(uid=*',
    'ada\\2a',
    '\\',
    '(',
    ')',
    'ada\0',
    'nobody)(|(cn=Ada Lovelace',
    'ada,ou=people,dc=example,dc=com',
    'EXTERNAL',
    'a'.repeat(10_000),
  ])('a name cannot change the question (%#)', async (user) => {
    for (const method of ['bind', 'custom'] as const) {
      const account = { bindDn: ADMIN.dn, bindPassword: ADMIN.password };
      const verdict = await directory({ method, ...account }).verifyPassword(user, 'enchantress');
      expect(verdict).toMatchObject({ type: 'refused' });
    }
    const filter = `uid=%u,ou=people,${BASE}`;
    const fast = directory({ method: 'fastbind', filter });
    expect(await fast.verifyPassword(user, 'enchantress')).toMatchObject({ type: 'refused' });
  });
});

describe('ways to check', () => {
  test('search with an account of its own (LDAP_BINDDN)', async () => {
    const own = directory({ bindDn: ADMIN.dn, bindPassword: ADMIN.password });
    expect(await own.verifyPassword('grace', "grace's password")).toMatchObject({
      type: 'accepted',
      account: 'grace',
    });
  });

  test('fastbind makes the DN from the name', async () => {
    const fast = directory({ method: 'fastbind', filter: `uid=%U,ou=people,${BASE}` });
    expect(await fast.verifyPassword('ada@example.com', 'enchantress')).toMatchObject({
      type: 'accepted',
      user: { name: 'Ada' },
    });
    expect(await fast.verifyPassword('ada', 'wrong')).toMatchObject({ type: 'refused' });
  });

  test('custom compares what the directory gives out', async () => {
    const custom = directory({
      method: 'custom',
      bindDn: ADMIN.dn,
      bindPassword: ADMIN.password,
    });
    expect(await custom.verifyPassword('ada', 'enchantress')).toMatchObject({ type: 'accepted' });
    expect(await custom.verifyPassword('grace', "grace's password")).toMatchObject({
      type: 'accepted',
    });
    expect(await custom.verifyPassword('grace', 'wrong')).toMatchObject({ type: 'refused' });
    expect(await custom.verifyPassword('crypt', 'nothing')).toMatchObject({ type: 'refused' });
    expect(lines.join()).toContain('LDAP_AUTH_METHOD=bind');
  });

  test('every mark of the filter', async () => {
    const filter =
      '(&(uid=%U)(mail=%U@%2.%1)(|(cn=%s)(cn=%r)(cn=%d)(cn=%%)(mail=%u)(displayName=%3)))';
    const verdict = await directory({ filter }).verifyPassword('ada@example.com', 'enchantress');
    expect(verdict).toMatchObject({ type: 'accepted', account: 'ada' });
  });
});

describe('who leads', () => {
  test.each([
    ['ada', 'enchantress', { moderatorFilter: '(employeeType=teacher)' }, true],
    ['jürgen', 'schöner Geheimtext', { moderatorFilter: '(employeeType=teacher)' }, false],
    ['grace', "grace's password", { moderatorGroups: [`cn=teachers,ou=groups,${BASE}`] }, true],
    ['ada', 'enchantress', { moderatorGroups: [`cn=teachers,ou=groups,${BASE}`] }, false],
    ['ada', 'enchantress', { moderatorGroups: [`cn=staff,ou=groups,${BASE}`] }, true],
    ['ada', 'enchantress', { moderatorGroups: [`cn=none,ou=groups,${BASE}`] }, false],
  ])('%s: %j', async (user, password, changes, isModerator) => {
    const verdict = await directory(changes).verifyPassword(user, password);
    expect(verdict).toMatchObject({ type: 'accepted', isModerator });
    if (JSON.stringify(changes).includes('none')) {
      expect(lines.join()).toContain('LDAP_MODERATOR_GROUPS');
    }
  });
});

describe('TLS', () => {
  const withTls = (changes: Partial<LdapOptions['tls']>) => ({
    tls: { checkPeer: true, ciphers: undefined, authorities: [authority.pem], ...changes },
  });
  const reasonOf = async (changes: Partial<LdapOptions>) => {
    const verdict = await directory(changes).verifyPassword('ada', 'enchantress');
    return verdict.type === 'unavailable' ? verdict.reason : verdict.type;
  };

  test('StartTLS and ldaps with an authority of their own', async () => {
    expect(await reasonOf({ startTls: true })).toBe('accepted');
    expect(await reasonOf({ urls: [slapd.secureUrl] })).toBe('accepted');
  });

  test.each([
    ['StartTLS', () => ({ startTls: true })],
    ['ldaps', () => ({ urls: [slapd.secureUrl] })],
  ])('%s: an unknown authority is refused, with the setting to change', async (_, changes) => {
    const other = new TestAuthority(folder, 'other');
    expect(await reasonOf({ ...changes(), ...withTls({ authorities: [other.pem] }) })).toContain(
      'LDAP_TLS_CACERT_FILE',
    );
    // Unless nobody is to look (LDAP_TLS_CHECK_PEER=0).
    expect(
      await reasonOf({ ...changes(), ...withTls({ authorities: [], checkPeer: false }) }),
    ).toBe('accepted');
  });

  test('a certificate for another name', async () => {
    const urls = [slapd.secureUrl.replace('localhost', '127.0.0.1')];
    expect(await reasonOf({ urls })).toContain('another name');
  });

  test('an expired certificate, and an expired authority', async () => {
    const expired = new TestAuthority(folder, 'expired', { isExpired: true });
    for (const [name, certificate, pem] of [
      ['a', authority.issue('old', 'DNS:localhost', { isExpired: true }), authority.pem],
      ['b', expired.issue('new', 'DNS:localhost'), expired.pem],
    ] as const) {
      const old = await SlapdProcess.start(join(folder, `old-${name}`), { certificate });
      const reason = await reasonOf({
        urls: [old.secureUrl],
        ...withTls({ authorities: [pem] }),
      });
      await old.stop();
      expect(reason).toContain('has expired');
    }
  });

  test('ldaps where plain LDAP is spoken, and the other way round', async () => {
    expect(await reasonOf({ urls: [slapd.url.replace('ldap:', 'ldaps:')] })).toContain('LDAP_URL');
    expect(await reasonOf({ urls: [slapd.secureUrl.replace('ldaps:', 'ldap:')] })).toContain(
      'LDAP_URL',
    );
  });

  test('StartTLS that the server does not have; encryption that it insists on', async () => {
    const plain = await SlapdProcess.start(join(folder, 'plain'));
    expect(await reasonOf({ urls: [plain.url], startTls: true })).toContain('LDAP_START_TLS');
    await plain.stop();
    const certificate = authority.issue('strict', 'DNS:localhost');
    const config = 'security tls=128';
    const strict = await SlapdProcess.start(join(folder, 'strict'), { certificate, config });
    expect(await reasonOf({ urls: [strict.url] })).toContain('LDAP_START_TLS=1');
    expect(await reasonOf({ urls: [strict.url], startTls: true })).toBe('accepted');
    await strict.stop();
  });
});

describe('a directory that fails', () => {
  const free = 'ldap://localhost:9';

  test('the next server is asked, and the failed one not again', async () => {
    const both = directory({ urls: [free, slapd.url] });
    expect(await both.verifyPassword('ada', 'enchantress')).toMatchObject({ type: 'accepted' });
    expect(lines.filter((line) => line.includes(free))).toHaveLength(1);
    expect(lines.join()).toContain('LDAP_URL');
    expect(await both.verifyPassword('ada', 'wrong')).toMatchObject({ type: 'refused' });
    expect(lines.filter((line) => line.includes(free))).toHaveLength(1);
  });

  test('one that dies between two log-ins is asked again when it is back', async () => {
    const certificate = authority.issue('mortal', 'DNS:localhost');
    const mortal = await SlapdProcess.start(join(folder, 'mortal'), { certificate });
    for (const startTls of [false, true]) {
      const only = directory({ urls: [mortal.url], startTls });
      expect(await only.verifyPassword('ada', 'enchantress')).toMatchObject({ type: 'accepted' });
      await mortal.stop();
      await mortal.run();
      expect(await only.verifyPassword('ada', 'enchantress')).toMatchObject({ type: 'accepted' });
    }
    await mortal.stop();
    const dead = await directory({ urls: [mortal.url] }).verifyPassword('ada', 'enchantress');
    expect(dead).toMatchObject({ type: 'unavailable' });
  });

  test('one that hangs is given up in time, and the next one asked', async () => {
    const slow = await SlapdProcess.start(join(folder, 'slow'));
    // Enough for one that is well, on a busy machine too.
    const timeoutMs = 1500;
    const both = directory({ urls: [slow.url, slapd.url], timeoutMs });
    expect(await both.verifyPassword('ada', 'enchantress')).toMatchObject({ type: 'accepted' });
    slow.freeze();
    expect(await both.verifyPassword('ada', 'enchantress')).toMatchObject({ type: 'accepted' });
    expect(lines.join()).toContain('LDAP_TIMEOUT');
    const only = directory({ urls: [slow.url], timeoutMs });
    expect(await only.verifyPassword('ada', 'enchantress')).toMatchObject({ type: 'unavailable' });
    // At once now, so that a flood of log-ins does not pile up behind a dead directory.
    expect(await only.verifyPassword('ada', 'enchantress')).toMatchObject({
      reason: expect.stringContaining('within the last second'),
    });
    slow.thaw();
    await slow.stop();
  });

  test('one that ends the connection in the middle of a log-in', async () => {
    const rude = await serve((socket) => socket.once('data', () => socket.destroy()));
    const { port } = rude.address() as { port: number };
    const both = directory({ urls: [`ldap://localhost:${port}`, slapd.url] });
    expect(await both.verifyPassword('ada', 'enchantress')).toMatchObject({ type: 'accepted' });
    expect(lines.join()).toContain('ends the connection');
    rude.close();
  });

  test('one that answers nonsense', async () => {
    const babbler = await serve((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(Buffer.alloc(65_536, 0x30)));
    });
    const { port } = babbler.address() as { port: number };
    const verdict = await directory({
      urls: [`ldap://localhost:${port}`],
      timeoutMs: 500,
    }).verifyPassword('ada', 'enchantress');
    expect(verdict).toMatchObject({ type: 'unavailable' });
    babbler.close();
  });

  test('fifty log-ins at a time share few connections, and all are answered', async () => {
    const few = directory({ maxConnections: 2 });
    const verdicts = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        few.verifyPassword('ada', i % 2 === 0 ? 'enchantress' : `wrong ${i}`),
      ),
    );
    expect(verdicts.map(({ type }) => type)).toEqual(
      Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? 'accepted' : 'refused')),
    );
  });
});

describe('settings that are wrong', () => {
  test.each<[string, Partial<LdapOptions>, string]>([
    ['the account', { bindDn: ADMIN.dn, bindPassword: 'wrong' }, 'LDAP_BINDPW'],
    ['its DN', { bindDn: 'admin', bindPassword: 'x' }, 'LDAP_BINDDN'],
    ['the base', { base: 'ou=none,dc=example,dc=com' }, 'LDAP_BASE'],
    ['the form of the base', { base: 'people' }, 'LDAP_BASE'],
    ['the server', { urls: ['ldap://no-such-host.invalid'] }, 'LDAP_URL'],
  ])('%s', async (_, changes, setting) => {
    const wrong = directory(changes);
    expect(await wrong.probe()).toContain(setting);
    expect(lines.join()).toContain(setting);
    expect(lines.join()).not.toContain(ADMIN.password);
  });

  test('nothing to say about right ones', async () => {
    for (const changes of [{}, { base: '' }, { method: 'fastbind' as const }]) {
      expect(await directory(changes).probe()).toBeUndefined();
    }
  });
});

function serve(handle: (socket: import('node:net').Socket) => void): Promise<Server> {
  const server = createServer(handle);
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}
