/**
 * The matrix of who may what: each way to come × each situation, against servers as built. What is
 * expected stands in one table; `in` is the role in the room, all else is where it ended.
 */
import { spawnSync } from 'node:child_process';
import { createHash, createHmac, pbkdf2Sync, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitUntil } from '@conclave/testkit';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestAuthority } from './directory/authority.ts';
import { ADMIN, BASE, SlapdProcess } from './directory/slapd-process.ts';
import { CookieBrowser } from './oidc/cookie-browser.ts';
import { CLIENT, TestProvider } from './oidc/test-provider.ts';
import { freeTcpPort, ServerProcess } from './server-process.ts';
import { XmppClient } from './xmpp-client.ts';

const CLI_FILE = fileURLToPath(new URL('../../dist/conclave.js', import.meta.url));
const FOCUS = 'http://jitsi.org/protocol/focus';
const MUC_ADMIN = 'http://jabber.org/protocol/muc#admin';
const GUESTS = 'guest.meet.jitsi';
const SECRET = 'a secret of the matrix';
const PASSWORD = 'a password of the matrix';

const SITUATIONS = [
  'creates',
  'joins',
  'joins before the host',
  'second window',
  'after expiry',
  'after a role change',
] as const;

/** What each situation must end in, in the order of `SITUATIONS`. */
const INTERNAL: Readonly<Record<string, readonly string[]>> = {
  'an account (PLAIN)': [
    'moderator',
    'moderator',
    'moderator',
    'moderator moderator',
    'login: not-authorized',
    'participant, again moderator',
  ],
  'an account (SCRAM-SHA-256)': [
    'moderator',
    'moderator',
    'moderator',
    'moderator moderator',
    'login: not-authorized',
    'participant, again moderator',
  ],
  'an account by its session id': [
    'moderator',
    'moderator',
    'moderator',
    'moderator moderator',
    'request: session-invalid',
    'participant, again moderator',
  ],
  'an account by the log-in page': [
    'moderator',
    'moderator',
    'moderator',
    'moderator moderator',
    'login: not-allowed',
    'participant, again moderator',
  ],
  'a guest': [
    'request: not-authorized',
    'participant',
    'request: not-authorized, then participant',
    'participant participant',
    'participant',
    'moderator, again participant',
  ],
};

const TOKENS: Readonly<Record<string, readonly string[]>> = {
  'a token of a moderator': [
    'moderator',
    'moderator',
    'moderator',
    'moderator moderator',
    'login: not-allowed',
    'participant, again moderator',
  ],
  'a token of a participant': [
    'participant',
    'participant',
    'participant',
    'participant participant',
    'login: not-allowed',
    'moderator, again participant',
  ],
  'a token that says nothing': [
    'moderator',
    'participant',
    'moderator',
    'participant participant',
    'login: not-allowed',
    'moderator, again participant',
  ],
  'a guest': INTERNAL['a guest'] ?? [],
};

/** What the directory and the provider say of who leads is the last word, as in a token. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  'a teacher of the directory': [
    'moderator',
    'moderator',
    'moderator',
    'moderator moderator',
    'login: not-authorized',
    'participant, again moderator',
  ],
  'somebody of the directory': [
    'participant',
    'participant',
    'participant',
    'participant participant',
    'login: not-authorized',
    // The same address as before, and what it was given it keeps for the meeting.
    'moderator, again moderator',
  ],
  'a teacher by the provider': TOKENS['a token of a moderator'] ?? [],
  'somebody by the provider': TOKENS['a token of a participant'] ?? [],
  'a guest': INTERNAL['a guest'] ?? [],
};

interface Way {
  /** Logs in and enters; the role, or where it ended. `client` when it is in. */
  enter(room: string): Promise<{ readonly outcome: string; readonly client?: XmppClient }>;
  /** Makes the log-in worthless, as far as it can become that. */
  expire(): Promise<void>;
}

let server: ServerProcess;
const clients: XmppClient[] = [];

function conclave(args: readonly string[], input = ''): void {
  const { status, stdout } = spawnSync(process.execPath, [CLI_FILE, 'user', ...args], {
    env: { PATH: process.env.PATH ?? '', CONFIG: server.config },
    input,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stdout);
}

async function connect(query = ''): Promise<XmppClient> {
  const client = await XmppClient.connect(server, query);
  clients.push(client);
  return client;
}

async function enterAs(
  client: XmppClient,
  room: string,
  session: Parameters<XmppClient['requestConference']>[1],
) {
  const answer = await client.requestConference(room, session);
  const error = answer.child('error');
  if (error !== undefined) {
    const names = [...error.elements()].map(({ name }) => name);
    return {
      outcome: `request: ${names.includes('session-invalid') ? 'session-invalid' : names[0]}`,
    };
  }
  await client.join(room);
  return { outcome: await roleNow(client, room), client };
}

/** The focus makes owners in a presence of its own; what it does about a join is done when it answers. */
async function roleNow(client: XmppClient, room: string): Promise<string> {
  await client.ask('get', 'focus.meet.jitsi', '<ping xmlns="urn:xmpp:ping"/>');
  const from = `from="${room}/${client.nick}"`;
  const own = client.frames.filter((f) => f.startsWith('<presence') && f.includes(from)).at(-1);
  return /role="(\w+)"/.exec(own ?? '')?.[1] ?? 'nothing';
}

const accountWay = (mechanism: 'PLAIN' | 'SCRAM-SHA-256'): Way => {
  const name = mechanism === 'PLAIN' ? 'plain' : 'scram';
  return {
    enter: async (room) => {
      const client = await connect();
      const refusal =
        mechanism === 'PLAIN'
          ? await client.loginWithPassword(name, PASSWORD)
          : await client.loginWithSteps('SCRAM-SHA-256', scramSteps(name));
      if (refusal !== undefined) return { outcome: `login: ${refusal.split(':')[0]}` };
      return enterAs(client, room, {});
    },
    expire: async () => conclave(['disable', name]),
  };
};

function sessionWay(): Way {
  let id: string | undefined;
  const machineUid = 'machine-of-the-matrix';
  return {
    enter: async (room) => {
      if (id === undefined) {
        const host = await connect();
        await host.loginWithPassword('session', PASSWORD);
        const answer = await host.requestConference(room, { machineUid });
        id = answer.child('conference', FOCUS)?.attribute('session-id');
        host.close();
      }
      const client = await connect();
      await client.login(GUESTS);
      return enterAs(client, room, { machineUid, ...(id !== undefined && { id }) });
    },
    // By logging out; that time ends it too is shown in the focus' own tests.
    expire: async () => {
      const client = await connect();
      await client.login(GUESTS);
      await client.ask('set', 'focus.meet.jitsi', `<logout xmlns="${FOCUS}" session-id="${id}"/>`);
    },
  };
}

const guestWay = (): Way => ({
  enter: async (room) => {
    const client = await connect();
    await client.login(GUESTS);
    return enterAs(client, room, {});
  },
  expire: async () => {},
});

/** `make` gives the token; expired when asked to. */
function tokenWay(make: (isExpired: boolean) => Promise<string>): Way {
  let isExpired = false;
  return {
    enter: async (room) => {
      const client = await connect(`?token=${await make(isExpired)}`);
      const refusal = await client.loginWithSteps('ANONYMOUS', []);
      if (refusal !== undefined) return { outcome: `login: ${refusal.split(':')[0]}` };
      // The name of an account is no endpoint id.
      const [own = ''] = client.jid.split('-');
      if (/^[0-9a-f]{8}$/.test(own)) client.nick = own;
      return enterAs(client, room, {});
    },
    expire: async () => {
      isExpired = true;
    },
  };
}

const jwtWay = (user: object) =>
  tokenWay((isExpired) =>
    new SignJWT({ iss: 'portal', aud: 'meet', room: '*', context: { user } })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setExpirationTime(isExpired ? '-1h' : '1h')
      .sign(new TextEncoder().encode(SECRET)),
  );

/** The token that the log-in page gives; it ends by logging out there. */
function pageWay(): Way {
  let cookie = '';
  const post = (path: string, form: Record<string, string>) =>
    new Promise<{ location: string; cookie: string }>((resolve, reject) => {
      const { httpsPort: port, certificate: ca } = server;
      const headers = {
        'content-type': 'application/x-www-form-urlencoded',
        origin: `https://localhost:${port}`,
        cookie,
      };
      const sent = request({ host: 'localhost', port, path, ca, headers, method: 'POST' });
      sent.on('error', reject);
      sent.on('response', (response) => {
        response.resume();
        const [made = ''] = response.headers['set-cookie'] ?? [];
        resolve({ location: response.headers.location ?? '', cookie: made.split(';')[0] ?? '' });
      });
      sent.end(new URLSearchParams(form).toString());
    });
  let token = '';
  const way = tokenWay(async () => {
    if (token === '') {
      const form = { user: 'page', password: PASSWORD, return: '/x' };
      const answer = await post('/login/password', form);
      token = /#jwt=(.+)$/.exec(answer.location)?.[1] ?? '';
      cookie = answer.cookie;
    }
    return token;
  });
  return { ...way, expire: async () => void (await post('/login/logout', {})) };
}

function scramSteps(name: string): ((challenge: string) => string)[] {
  const bare = `n=${name},r=${randomUUID()}`;
  return [
    () => `n,,${bare}`,
    (challenge) => {
      const [, nonce = '', salt = '', count = ''] =
        /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(challenge) ?? [];
      const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
      const iterations = Number(count);
      const key = pbkdf2Sync(PASSWORD, Buffer.from(salt, 'base64'), iterations, 32, 'sha256');
      const clientKey = hmac(key, 'Client Key');
      const stored = createHash('sha256').update(clientKey).digest();
      const signature = hmac(stored, `${bare},${challenge},c=biws,r=${nonce}`);
      const proof = clientKey.map((byte, i) => byte ^ (signature[i] ?? 0));
      return `c=biws,r=${nonce},p=${Buffer.from(proof).toString('base64')}`;
    },
  ];
}

/** Somebody who leads the room. */
type EnterHost = (room: string) => Promise<XmppClient>;

async function play(
  situation: (typeof SITUATIONS)[number],
  way: Way,
  enterHost: EnterHost,
): Promise<string> {
  const room = `${randomUUID()}@muc.meet.jitsi`;
  const { enter } = way;
  switch (situation) {
    case 'creates':
      return (await enter(room)).outcome;
    case 'joins':
      await enterHost(room);
      return (await enter(room)).outcome;
    case 'joins before the host': {
      const { outcome } = await enter(room);
      await enterHost(room);
      if (!outcome.startsWith('request')) return outcome;
      return `${outcome}, then ${(await enter(room)).outcome}`;
    }
    case 'second window': {
      await enterHost(room);
      const first = await enter(room);
      return `${first.outcome} ${(await enter(room)).outcome}`;
    }
    case 'after a role change': {
      const host = await enterHost(room);
      const { outcome, client } = await enter(room);
      if (client === undefined) return outcome;
      const affiliation = outcome === 'moderator' ? 'none' : 'owner';
      const jid = client.jid.split('/')[0];
      const item = `<item affiliation="${affiliation}" jid="${jid}"/>`;
      await host.ask('set', room, `<query xmlns="${MUC_ADMIN}">${item}</query>`);
      const changed = await roleNow(client, room);
      client.close();
      return `${changed}, again ${(await enter(room)).outcome}`;
    }
    case 'after expiry': {
      if ((await enter(room)).outcome === 'request: not-authorized') await enterHost(room);
      await way.expire();
      let last = '';
      await waitUntil('the same answer twice', async () => {
        const before = last;
        last = (await enter(room)).outcome;
        return last === before;
      });
      return last;
    }
  }
}

function playAll(
  expected: Readonly<Record<string, readonly string[]>>,
  ways: Readonly<Record<string, () => Way>>,
  enterHost: EnterHost,
): void {
  describe.each(Object.keys(expected))('%s', (name) => {
    // One after the other, the expiry last: what is worthless stays so.
    const way = ways[name]?.();
    const order = [...SITUATIONS].sort(
      (a, b) => Number(a === 'after expiry') - Number(b === 'after expiry'),
    );
    test.each(order)('%s', async (situation) => {
      if (way === undefined) throw new Error(`nobody comes as ${name}`);
      try {
        const outcome = await play(situation, way, enterHost);
        expect(outcome).toBe(expected[name]?.[SITUATIONS.indexOf(situation)]);
      } finally {
        for (const client of clients.splice(0)) client.close();
      }
    });
  });
}

const TOKEN_WAYS: Readonly<Record<string, () => Way>> = {
  'a token of a moderator': () => jwtWay({ name: 'Ada', moderator: true }),
  'a token of a participant': () => jwtWay({ name: 'Ben', moderator: false }),
  'a token that says nothing': () => jwtWay({ name: 'Cid' }),
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
    server = await ServerProcess.start({ environment });
    for (const name of ['host', 'plain', 'scram', 'session', 'page'])
      conclave(['add', name], PASSWORD);
  });
  afterAll(() => server.stop());
  playAll(
    { ...TOKENS, ...INTERNAL },
    {
      ...TOKEN_WAYS,
      'an account (PLAIN)': () => accountWay('PLAIN'),
      'an account (SCRAM-SHA-256)': () => accountWay('SCRAM-SHA-256'),
      'an account by its session id': sessionWay,
      'an account by the log-in page': pageWay,
      'a guest': guestWay,
    },
    async (room) => {
      const host = await connect();
      expect(await host.loginWithPassword('host', PASSWORD)).toBeUndefined();
      await enterAs(host, room, {});
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
    server = await ServerProcess.start({ environment });
  });
  afterAll(() => server.stop());
  playAll(
    TOKENS,
    {
      ...TOKEN_WAYS,
      'a guest': guestWay,
    },
    async (room) => {
      const { client } = await jwtWay({ name: 'Host', moderator: true }).enter(room);
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
    provider = await TestProvider.start(certificate, [`${origin}/login/oidc/callback`], people);
    const environment = {
      ENABLE_AUTH: '1',
      AUTH_TYPE: 'ldap,oidc',
      ENABLE_GUESTS: '1',
      PUBLIC_URL: origin,
      LDAP_URL: slapd.secureUrl,
      LDAP_TLS_CACERT_FILE: authority.certFile,
      LDAP_BASE: BASE,
      LDAP_BINDDN: ADMIN.dn,
      LDAP_BINDPW: ADMIN.password,
      LDAP_MODERATOR_GROUPS: `cn=teachers,ou=groups,${BASE}`,
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: CLIENT.id,
      OIDC_CLIENT_SECRET: CLIENT.secret,
      OIDC_MODERATOR_CLAIM: 'groups',
      OIDC_MODERATOR_VALUES: 'teachers',
      NODE_EXTRA_CA_CERTS: authority.certFile,
    };
    server = await ServerProcess.start({ httpsPort, environment });
    provider.trusted = server.certificate;
  });
  afterAll(async () => {
    await server?.stop();
    provider?.close();
    await slapd?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Who is removed from the directory is nobody any more. */
  const directoryWay = (uid: string, password: string): Way => ({
    enter: async (room) => {
      const client = await connect();
      const refusal = await client.loginWithPassword(uid, password);
      if (refusal !== undefined) return { outcome: `login: ${refusal.split(':')[0]}` };
      return enterAs(client, room, {});
    },
    expire: () => slapd.remove(`uid=${uid},ou=people,${BASE}`),
  });

  /** Logs in once; who is logged out by the provider is logged out here. */
  const providerWay = (account: keyof typeof people): Way => {
    let token = '';
    const logIn = async () => {
      if (token !== '') return token;
      provider.account = account;
      const browser = new CookieBrowser(() => [authority.pem, server.certificate]);
      const page = await browser.follow(
        `${origin}/login/oidc?room=x`,
        (url) => url.origin === origin && url.hash !== '',
      );
      token = /#jwt=(.+)$/.exec(page.location ?? '')?.[1] ?? '';
      return token;
    };
    return { ...tokenWay(logIn), expire: () => provider.logOut(account) };
  };

  playAll(
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
