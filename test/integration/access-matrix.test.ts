/**
 * The matrix of who may what: each way to come × each situation, against servers as built. What is
 * expected stands in one table (`access-matrix/expected.ts`).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { Entrance, type Way } from './access-matrix/entrance.ts';
import { ELSEWHERE, INTERNAL, TOKENS } from './access-matrix/expected.ts';
import { playAll } from './access-matrix/play.ts';
import {
  accountWay,
  conclave,
  guestWay,
  jwtWay,
  PASSWORD,
  pageWay,
  SECRET,
  sessionWay,
  tokenWay,
} from './access-matrix/ways.ts';
import { TestAuthority } from './directory/authority.ts';
import { ADMIN, BASE, SlapdProcess } from './directory/slapd-process.ts';
import { CookieBrowser } from './oidc/cookie-browser.ts';
import { providerFor } from './oidc/provider-for.ts';
import type { TestProvider } from './oidc/test-provider.ts';
import { freeTcpPort, ServerProcess } from './server-process.ts';

let entrance: Entrance;

const TOKEN_WAYS: Readonly<Record<string, (entrance: Entrance) => Way>> = {
  'a token of a moderator': (entrance) => jwtWay(entrance, { name: 'Ada', moderator: true }),
  'a token of a participant': (entrance) => jwtWay(entrance, { name: 'Ben', moderator: false }),
  'a token that says nothing': (entrance) => jwtWay(entrance, { name: 'Cid' }),
};

describe('accounts, tokens and guests on one server', () => {
  beforeAll(async () => {
    const environment = {
      ENABLE_AUTH: '1',
      AUTH_TYPE: 'internal,jwt',
      JWT_APP_ID: 'portal',
      JWT_APP_SECRET: SECRET,
      ENABLE_GUESTS: '1',
      JVB_ADVERTISE_IPS: '127.0.0.1',
    };
    entrance = new Entrance(await ServerProcess.start({ environment }));
    for (const name of ['host', 'plain', 'scram', 'session', 'page'])
      conclave(entrance.server, ['add', name], PASSWORD);
  });
  afterAll(() => entrance.server.stop());
  playAll(
    () => entrance,
    { ...TOKENS, ...INTERNAL },
    {
      ...TOKEN_WAYS,
      'an account (PLAIN)': (entrance) => accountWay(entrance, 'PLAIN'),
      'an account (SCRAM-SHA-256)': (entrance) => accountWay(entrance, 'SCRAM-SHA-256'),
      'an account by its session id': sessionWay,
      'an account by the log-in page': pageWay,
      'a guest': guestWay,
    },
    async (room) => {
      const host = await entrance.connect();
      expect(await host.loginWithPassword('host', PASSWORD)).toBeUndefined();
      await entrance.enterAs(host, room);
      return host;
    },
  );
});

describe('tokens and guests', () => {
  beforeAll(async () => {
    const environment = {
      ENABLE_AUTH: '1',
      AUTH_TYPE: 'jwt',
      JWT_APP_ID: 'portal',
      JWT_APP_SECRET: SECRET,
      ENABLE_GUESTS: '1',
    };
    entrance = new Entrance(await ServerProcess.start({ environment }));
  });
  afterAll(() => entrance.server.stop());
  playAll(
    () => entrance,
    TOKENS,
    {
      ...TOKEN_WAYS,
      'a guest': guestWay,
    },
    async (room) => {
      const { client } = await jwtWay(entrance, { name: 'Host', moderator: true }).enter(room);
      if (client === undefined) throw new Error('the host is not in');
      return client;
    },
  );
});

describe('a directory, a provider and guests on one server', () => {
  const people = {
    host: { name: 'Host', groups: ['teachers'] },
    teacher: { name: 'Ada', groups: ['teachers'] },
    pupil: { name: 'Ben', groups: ['pupils'] },
  };
  let folder: string;
  let authority: TestAuthority;
  let slapd: SlapdProcess;
  let provider: TestProvider;
  let origin: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'conclave-matrix-'));
    authority = new TestAuthority(folder, 'authority');
    const certificate = authority.issue('x', 'DNS:localhost');
    const httpsPort = await freeTcpPort();
    origin = `https://localhost:${httpsPort}`;
    slapd = await SlapdProcess.start(join(folder, 'slapd'), { certificate });
    const oidc = await providerFor(httpsPort, authority, people);
    provider = oidc.provider;
    const environment = {
      ...oidc.environment,
      AUTH_TYPE: 'ldap,oidc',
      ENABLE_GUESTS: '1',
      LDAP_URL: slapd.secureUrl,
      LDAP_TLS_CACERT_FILE: authority.certFile,
      LDAP_BASE: BASE,
      LDAP_BINDDN: ADMIN.dn,
      LDAP_BINDPW: ADMIN.password,
      LDAP_MODERATOR_GROUPS: `cn=teachers,ou=groups,${BASE}`,
    };
    entrance = new Entrance(await ServerProcess.start({ httpsPort, environment }));
    provider.trusted = entrance.server.certificate;
  });
  afterAll(async () => {
    await entrance?.server.stop();
    provider?.close();
    await slapd?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Who is removed from the directory is nobody any more. */
  const directoryWay = (uid: string, password: string): Way => ({
    enter: async (room) => {
      const client = await entrance.connect();
      const refusal = await client.loginWithPassword(uid, password);
      if (refusal !== undefined) return { outcome: `login: ${refusal.split(':')[0]}` };
      return entrance.enterAs(client, room);
    },
    expire: () => slapd.remove(`uid=${uid},ou=people,${BASE}`),
  });

  /** Logs in once; who is logged out by the provider is logged out here. */
  const providerWay = (account: keyof typeof people): Way => {
    let token = '';
    const logIn = async () => {
      if (token !== '') return token;
      provider.account = account;
      const browser = new CookieBrowser(() => [authority.pem, entrance.server.certificate]);
      const page = await browser.follow(
        `${origin}/login/oidc?room=x`,
        (url) => url.origin === origin && url.hash !== '',
      );
      token = /#jwt=(.+)$/.exec(page.location ?? '')?.[1] ?? '';
      return token;
    };
    return { ...tokenWay(entrance, logIn), expire: () => provider.logOut(account) };
  };

  playAll(
    () => entrance,
    ELSEWHERE,
    {
      'a teacher of the directory': () => directoryWay('grace', "grace's password"),
      'somebody of the directory': () => directoryWay('ada', 'enchantress'),
      'a teacher by the provider': () => providerWay('teacher'),
      'somebody by the provider': () => providerWay('pupil'),
      'a guest': guestWay,
    },
    async (room) => {
      const { client, outcome } = await providerWay('host').enter(room);
      if (client === undefined) throw new Error(`the host is not in: ${outcome}`);
      return client;
    },
  );
});
