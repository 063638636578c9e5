/**
 * Log-ins: how many a second each way to prove oneself allows on one core (CPU time of the server's
 * process), and what a flood of wrong passwords does to those who are in a call.
 * `npm run bench -- auth [--json] [--seconds 5]`.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash, createHmac, pbkdf2Sync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SignJWT } from 'jose';
import { ServerProcess } from '../integration/server-process.ts';
import { XmppClient } from '../integration/xmpp-client.ts';
import { cpuMs } from './muc/cpu-time.ts';
import { endWithin } from './run/deadline.ts';
import { SyntheticParticipant } from './synthetic-call/participant.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '5' },
  },
});
const durationMs = Number(values.seconds) * 1000;
const CLI_FILE = fileURLToPath(new URL('../../dist/conclave.js', import.meta.url));
const FLOOD_FILE = fileURLToPath(new URL('auth/flood-process.ts', import.meta.url));
const GUESTS = 'guest.meet.jitsi';
const PASSWORD = 'a password to measure with';
const SECRET = 'a secret to measure with';
const FLOOD_PER_SECOND = 1_000;
const PARTICIPANTS = 3;
const PING_EVERY_MS = 25;
/** The server's address limits are not what is measured. */
const COMMON = { LOGIN_MAX_FAILURES_PER_ADDRESS: '0', LOG_LEVEL: 'error' };

type LogIn = () => Promise<XmppClient>;

interface MethodResult {
  readonly method: string;
  /** With as many at a time as the server takes from one address. */
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

async function measure(
  method: string,
  server: ServerProcess,
  concurrency: number,
  logIn: LogIn,
): Promise<MethodResult> {
  (await logIn()).close(); // warm
  const pid = server.process.pid ?? 0;
  const startMs = performance.now();
  const startCpuMs = cpuMs(pid);
  let count = 0;
  const runOne = async () => {
    while (performance.now() - startMs < durationMs) {
      (await logIn()).close();
      count++;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, runOne));
  const elapsedMs = performance.now() - startMs;
  const usedMs = cpuMs(pid) - startCpuMs;
  return {
    method,
    perSecond: Math.round((count / elapsedMs) * 10_000) / 10,
    perCpuSecond: Math.round((count / usedMs) * 10_000) / 10,
  };
}

function orThrow(refusal: string | undefined): void {
  if (refusal !== undefined) throw new Error(`refused: ${refusal}`);
}

/** The derived key is kept, as clients do: what is measured is the server. */
function scramSteps(keys: Map<string, Buffer>): ((challenge: string) => string)[] {
  const bare = `n=ada,r=${randomUUID()}`;
  const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  return [
    () => `n,,${bare}`,
    (challenge) => {
      const [, nonce = '', salt = '', count = ''] =
        /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(challenge) ?? [];
      const iterations = Number(count);
      const key =
        keys.get(salt) ??
        pbkdf2Sync(PASSWORD, Buffer.from(salt, 'base64'), iterations, 32, 'sha256');
      keys.set(salt, key);
      const clientKey = hmac(key, 'Client Key');
      const stored = createHash('sha256').update(clientKey).digest();
      const signature = hmac(stored, `${bare},${challenge},c=biws,r=${nonce}`);
      const proof = clientKey.map((byte, i) => byte ^ (signature[i] ?? 0));
      return `c=biws,r=${nonce},p=${Buffer.from(proof).toString('base64')}`;
    },
  ];
}

async function measureAccounts(server: ServerProcess): Promise<MethodResult[]> {
  const keys = new Map<string, Buffer>();
  const connect = () => XmppClient.connect(server);
  return [
    await measure('guest (ANONYMOUS)', server, 8, async () => {
      const client = await connect();
      await client.login(GUESTS);
      return client;
    }),
    await measure('account (SCRAM-SHA-256)', server, 8, async () => {
      const client = await connect();
      orThrow(await client.loginWithSteps('SCRAM-SHA-256', scramSteps(keys)));
      return client;
    }),
    await measure('account (PLAIN)', server, 4, async () => {
      const client = await connect();
      orThrow(await client.loginWithPassword('ada', PASSWORD));
      return client;
    }),
  ];
}

async function measureTokens(): Promise<MethodResult> {
  const environment = {
    ...COMMON,
    ENABLE_AUTH: '1',
    AUTH_TYPE: 'jwt',
    JWT_APP_ID: 'portal',
    JWT_APP_SECRET: SECRET,
  };
  const server = await ServerProcess.start({ environment });
  const token = await new SignJWT({ iss: 'portal', aud: 'meet', room: '*' })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(SECRET));
  try {
    return await measure('token (HS256)', server, 8, async () => {
      const client = await XmppClient.connect(server, `?token=${token}`);
      await client.login();
      return client;
    });
  } finally {
    await server.stop();
  }
}

interface CallReading {
  readonly pingMedianMs: number;
  readonly pingP95Ms: number;
  readonly pingMaxMs: number;
  /** Of voice packets, from when they are given to the socket of one to when they are read from that of another. */
  readonly mediaMedianMs: number;
  readonly mediaP95Ms: number;
  readonly mediaMaxMs: number;
  /** Percent of the voice packets that did not arrive. */
  readonly mediaLostPercent: number;
  /** Video packets that each participant gets. */
  readonly videoPacketsPerSecond: number;
}

const round = (value: number) => Math.round(value * 10) / 10;

function spreadOf(values: number[]): readonly [median: number, p95: number, max: number] {
  values.sort((a, b) => a - b);
  const at = (share: number) => round(values[Math.floor(values.length * share)] ?? 0);
  return [at(0.5), at(0.95), round(values.at(-1) ?? 0)];
}

/** How long voice packets take, and whether they come. What is still on its way when it ends is not counted. */
class VoiceMeter {
  readonly delaysMs: number[] = [];
  readonly #sentMs = new Map<string, { readonly atMs: number; arrivals: number }>();
  readonly #receivers: number;

  constructor(receivers: number) {
    this.#receivers = receivers;
  }

  sent(ssrc: number, timestamp: number): void {
    this.#sentMs.set(`${ssrc} ${timestamp}`, { atMs: performance.now(), arrivals: 0 });
  }

  received(ssrc: number, timestamp: number): void {
    const sent = this.#sentMs.get(`${ssrc} ${timestamp}`);
    if (sent === undefined) return;
    sent.arrivals++;
    this.delaysMs.push(performance.now() - sent.atMs);
  }

  lostPercent(): number {
    const overMs = performance.now() - 1_000;
    let expected = 0;
    let arrived = 0;
    for (const { atMs, arrivals } of this.#sentMs.values()) {
      if (atMs > overMs) continue;
      expected += this.#receivers;
      arrived += arrivals;
    }
    return Math.round(((expected - arrived) / expected) * 10_000) / 100;
  }
}

async function readCall(people: readonly SyntheticParticipant[]): Promise<CallReading> {
  const [first] = people;
  const received = () => people.reduce((sum, one) => sum + one.receivedVideoPackets, 0);
  const voices = new VoiceMeter(people.length - 1);
  for (const one of people) one.watchVoices(voices);
  const before = received();
  const startMs = performance.now();
  const pings: number[] = [];
  while (performance.now() - startMs < durationMs) {
    const nextMs = performance.now() + PING_EVERY_MS;
    pings.push((await first?.ping()) ?? 0);
    const waitMs = nextMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
  const elapsedS = (performance.now() - startMs) / 1000;
  const [pingMedianMs, pingP95Ms, pingMaxMs] = spreadOf(pings);
  const mediaLostPercent = voices.lostPercent();
  const [mediaMedianMs, mediaP95Ms, mediaMaxMs] = spreadOf(voices.delaysMs);
  return {
    pingMedianMs,
    pingP95Ms,
    pingMaxMs,
    mediaMedianMs,
    mediaP95Ms,
    mediaMaxMs,
    mediaLostPercent,
    videoPacketsPerSecond: Math.round((received() - before) / people.length / elapsedS),
  };
}

/** Resolves when the flood is ready to begin. */
async function prepareFlood(server: ServerProcess): Promise<ChildProcess> {
  const caFile = join(server.config, 'keys/self-signed.crt');
  const args = ['--import', 'tsx', FLOOD_FILE, String(server.httpsPort), caFile];
  const flood = spawn(process.execPath, [...args, String(FLOOD_PER_SECOND)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (flood.stdout !== null) await once(flood.stdout, 'data');
  return flood;
}

async function endFlood(flood: ChildProcess): Promise<readonly [tries: number, answers: number]> {
  let text = '';
  flood.stdout?.on('data', (data: Buffer) => {
    text += data.toString();
  });
  flood.stdin?.end();
  await once(flood, 'close');
  const [tries = 0, answers = 0, seconds = 1] = text.split(' ').map(Number);
  return [Math.round(tries / seconds), Math.round(answers / seconds)];
}

async function measureFlood(server: ServerProcess) {
  const people: SyntheticParticipant[] = [];
  for (let i = 0; i < PARTICIPANTS; i++) {
    const room = 'flooded@muc.meet.jitsi';
    people.push(await SyntheticParticipant.join(server, room, { domain: GUESTS }));
  }
  while (!people.every(({ isConnected }) => isConnected)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await readCall(people); // bandwidth estimation settles
  const flood = await prepareFlood(server);
  const calm = await readCall(people);
  flood.stdin?.write('begin\n');
  const flooded = await readCall(people);
  const [triesPerSecond, answersPerSecond] = await endFlood(flood);
  for (const one of people) one.close();
  return { triesPerSecond, answersPerSecond, calm, flooded };
}

const environment = {
  ...COMMON,
  ENABLE_AUTH: '1',
  AUTH_TYPE: 'internal',
  ENABLE_GUESTS: '1',
  JICOFO_ENABLE_AUTH: '0',
  JVB_ADVERTISE_IPS: '127.0.0.1',
};
const server = await ServerProcess.start({ environment });
endWithin(240, server.process.pid ?? 0);
const added = spawnSync(process.execPath, [CLI_FILE, 'user', 'add', 'ada'], {
  env: { PATH: process.env.PATH ?? '', CONFIG: server.config },
  input: PASSWORD,
});
if (added.status !== 0) throw new Error(String(added.stdout));
const methods = [await measureTokens(), ...(await measureAccounts(server))];
const flood = await measureFlood(server);
await server.stop();

for (const { method, perSecond, perCpuSecond } of methods) {
  console.log(`${method.padEnd(26)} ${perCpuSecond} a second of CPU time (${perSecond}/s as run)`);
}
const told = (call: CallReading) =>
  `answer to a ping ${call.pingMedianMs} ms (p95 ${call.pingP95Ms}, max ${call.pingMaxMs}), ` +
  `voices ${call.mediaMedianMs} ms (p95 ${call.mediaP95Ms}, max ${call.mediaMaxMs}), ` +
  `${call.mediaLostPercent} % lost, ${call.videoPacketsPerSecond} video packets/s to each`;
console.log(`in a call of ${PARTICIPANTS}, calm:  ${told(flood.calm)}`);
console.log(
  `with ${flood.triesPerSecond} wrong log-ins/s (${flood.answersPerSecond} answered): ${told(flood.flooded)}`,
);
if (values.json) console.log(JSON.stringify({ methods, flood }));
process.exit(0);
