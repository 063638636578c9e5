/** The ways to come that need no other server: accounts, their sessions, guests, tokens, the log-in page. */
import { spawnSync } from 'node:child_process';
import { createHash, createHmac, pbkdf2Sync, randomUUID } from 'node:crypto';
import { request } from 'node:https';
import { fileURLToPath } from 'node:url';
import { SignJWT } from 'jose';
import type { ServerProcess } from '../server-process.ts';
import type { Entrance, Way } from './entrance.ts';

export const SECRET = 'a secret of the matrix';
export const PASSWORD = 'a password of the matrix';

const CLI_FILE = fileURLToPath(new URL('../../../dist/conclave.js', import.meta.url));
const FOCUS = 'http://jitsi.org/protocol/focus';
const GUESTS = 'guest.meet.jitsi';

/** `conclave user …` beside the server. */
export function conclave(server: ServerProcess, args: readonly string[], input = ''): void {
  const { status, stdout } = spawnSync(process.execPath, [CLI_FILE, 'user', ...args], {
    env: { PATH: process.env.PATH ?? '', CONFIG: server.config },
    input,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stdout);
}

export const accountWay = (entrance: Entrance, mechanism: 'PLAIN' | 'SCRAM-SHA-256'): Way => {
  const name = mechanism === 'PLAIN' ? 'plain' : 'scram';
  return {
    enter: async (room) => {
      const client = await entrance.connect();
      const refusal =
        mechanism === 'PLAIN'
          ? await client.loginWithPassword(name, PASSWORD)
          : await client.loginWithSteps('SCRAM-SHA-256', scramSteps(name));
      if (refusal !== undefined) return { outcome: `login: ${refusal.split(':')[0]}` };
      return entrance.enterAs(client, room);
    },
    expire: async () => conclave(entrance.server, ['disable', name]),
  };
};

export function sessionWay(entrance: Entrance): Way {
  let id: string | undefined;
  const machineUid = 'machine-of-the-matrix';
  return {
    enter: async (room) => {
      if (id === undefined) {
        const host = await entrance.connect();
        await host.loginWithPassword('session', PASSWORD);
        const answer = await host.requestConference(room, { machineUid });
        id = answer.child('conference', FOCUS)?.attribute('session-id');
        host.close();
      }
      const client = await entrance.connect();
      await client.login(GUESTS);
      return entrance.enterAs(client, room, { machineUid, ...(id !== undefined && { id }) });
    },
    // By logging out; that time ends it too is shown in the focus' own tests.
    expire: async () => {
      const client = await entrance.connect();
      await client.login(GUESTS);
      await client.ask('set', 'focus.meet.jitsi', `<logout xmlns="${FOCUS}" session-id="${id}"/>`);
    },
  };
}

export const guestWay = (entrance: Entrance): Way => ({
  enter: async (room) => {
    const client = await entrance.connect();
    await client.login(GUESTS);
    return entrance.enterAs(client, room);
  },
  expire: async () => {},
});

/** `make` gives the token; expired when asked to. */
export function tokenWay(entrance: Entrance, make: (isExpired: boolean) => Promise<string>): Way {
  let isExpired = false;
  return {
    enter: async (room) => {
      const client = await entrance.connect(`?token=${await make(isExpired)}`);
      const refusal = await client.loginWithSteps('ANONYMOUS', []);
      if (refusal !== undefined) return { outcome: `login: ${refusal.split(':')[0]}` };
      // The name of an account is no endpoint id.
      const [own = ''] = client.jid.split('-');
      if (/^[0-9a-f]{8}$/.test(own)) client.nick = own;
      return entrance.enterAs(client, room);
    },
    expire: async () => {
      isExpired = true;
    },
  };
}

export const jwtWay = (entrance: Entrance, user: object): Way =>
  tokenWay(entrance, (isExpired) =>
    new SignJWT({ iss: 'portal', aud: 'meet', room: '*', context: { user } })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setExpirationTime(isExpired ? '-1h' : '1h')
      .sign(new TextEncoder().encode(SECRET)),
  );

/** The token that the log-in page gives; it ends by logging out there. */
export function pageWay(entrance: Entrance): Way {
  let cookie = '';
  const post = (path: string, form: Record<string, string>) =>
    new Promise<{ location: string; cookie: string }>((resolve, reject) => {
      const { httpsPort: port, certificate: ca } = entrance.server;
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
  const way = tokenWay(entrance, async () => {
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
