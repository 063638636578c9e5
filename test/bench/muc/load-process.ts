/** The load generator: `load-process.ts URL PID PLAN` plays the plan (JSON) against the server and prints a LoadResult. */
import { cpuMs, residentBytes } from './cpu-time.ts';
import { LoadClient } from './load-client.ts';
import {
  type Case,
  type CaseResult,
  type LoadResult,
  type Plan,
  roomOf,
  STORM_PER_SECOND,
} from './plan.ts';

const [url = '', pidText = '', planText = '{}'] = process.argv.slice(2);
const pid = Number(pidText);
const plan = JSON.parse(planText) as Plan;
const LOGINS_AT_ONCE = 10;
const SETTLE_MS = 300;
const CASE_TIMEOUT_MS = 90_000;

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function logIn(count: number): Promise<LoadClient[]> {
  const clients: LoadClient[] = [];
  while (clients.length < count) {
    const some = Array.from({ length: Math.min(LOGINS_AT_ONCE, count - clients.length) }, () => {
      return new LoadClient(url);
    });
    await Promise.all(some.map((client) => client.logIn()));
    clients.push(...some);
  }
  return clients;
}

async function fill(room: string, count: number): Promise<LoadClient[]> {
  const clients = await logIn(count);
  for (const client of clients) await client.join(room);
  await untilQuiet(clients);
  return clients;
}

const delivered = (clients: readonly LoadClient[]) =>
  clients.reduce((sum, { messages, presences }) => sum + messages + presences, 0);

async function untilQuiet(clients: readonly LoadClient[]): Promise<void> {
  for (let last = -1; last !== delivered(clients); ) {
    last = delivered(clients);
    await sleep(SETTLE_MS);
  }
}

/** Resolves when `clients` have received `count` stanzas together; `onEach` hears of each. */
function receive(
  clients: readonly LoadClient[],
  count: number,
  onEach?: (received: number) => void,
): Promise<void> {
  let received = 0;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${received} of ${count} stanzas came`)),
      CASE_TIMEOUT_MS,
    );
    for (const client of clients) {
      client.onDelivery = () => {
        received++;
        onEach?.(received);
        if (received !== count) return;
        clearTimeout(timer);
        resolve();
      };
    }
  });
}

/** Groupchat and presence: everybody in turn, `window` stanzas under way at any time. */
async function talk(one: Case): Promise<CaseResult> {
  const room = roomOf(one);
  const { kind, occupants, repeats } = one;
  const clients = await fill(room, occupants);
  let sent = 0;
  const send = () => {
    const client = clients[sent % occupants] as LoadClient;
    if (kind === 'groupchat') client.say(room, sent);
    else client.updatePresence(room, sent);
    sent++;
  };
  const deliveries = repeats * occupants;
  const cpuBefore = cpuMs(pid);
  const start = performance.now();
  const all = receive(clients, deliveries, (received) => {
    while (sent < repeats && sent * occupants - received < plan.window * occupants) send();
  });
  for (let i = 0; i < plan.window; i++) send();
  await all;
  const result = {
    ...one,
    deliveries,
    cpuMs: cpuMs(pid) - cpuBefore,
    wallMs: performance.now() - start,
  };
  for (const client of clients) client.close();
  return result;
}

/** Somebody joins a full room, is seen by all, and leaves again; only the coming is counted. */
async function newcomers(one: Case): Promise<CaseResult> {
  const room = roomOf(one);
  const clients = await fill(room, one.occupants);
  const times: number[] = [];
  let deliveries = 0;
  let cpu = 0;
  for (let i = 0; i < one.repeats; i++) {
    const [newcomer] = (await logIn(1)) as [LoadClient];
    const everybody = [...clients, newcomer];
    await sleep(20);
    const before = delivered(everybody);
    const cpuBefore = cpuMs(pid);
    const start = performance.now();
    // The others' presence and its own to the newcomer, and its presence to the others.
    const all = receive(everybody, 2 * one.occupants + 1);
    await Promise.all([newcomer.join(room), all]);
    times.push(performance.now() - start);
    cpu += cpuMs(pid) - cpuBefore;
    deliveries += delivered(everybody) - before;
    const gone = receive(clients, one.occupants);
    newcomer.leave(room);
    await gone;
    newcomer.close();
  }
  for (const client of clients) client.close();
  const wallMs = times.reduce((sum, time) => sum + time, 0);
  return { ...one, deliveries, cpuMs: cpu, wallMs, medianMs: percentile(times, 0.5) };
}

/** Everybody arrives at a steady pace, connection and login included. */
async function storm(one: Case): Promise<CaseResult> {
  const room = roomOf(one);
  const clients: LoadClient[] = [];
  const times: number[] = [];
  const cpuBefore = cpuMs(pid);
  const start = performance.now();
  const arrivals: Promise<void>[] = [];
  for (let i = 0; i < one.occupants; i++) {
    const waitMs = start + (i * 1000) / STORM_PER_SECOND - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    const client = new LoadClient(url);
    clients.push(client);
    const arrivedAt = performance.now();
    arrivals.push(
      client
        .logIn()
        .then(() => client.join(room))
        .then(() => void times.push(performance.now() - arrivedAt)),
    );
  }
  await Promise.all(arrivals);
  const expected = one.occupants * one.occupants;
  const deadline = performance.now() + CASE_TIMEOUT_MS;
  const received = () => clients.reduce((sum, { presences }) => sum + presences, 0);
  while (received() < expected && performance.now() < deadline) await sleep(2);
  const result = {
    ...one,
    deliveries: received(),
    cpuMs: cpuMs(pid) - cpuBefore,
    wallMs: performance.now() - start,
    p95Ms: percentile(times, 0.95),
  };
  for (const client of clients) client.close();
  return result;
}

/** Resident memory per session that is logged in. */
async function sessionMemory(count: number): Promise<Partial<LoadResult>> {
  const warm = await logIn(100);
  await sleep(SETTLE_MS);
  const empty = residentBytes(pid);
  const clients = await logIn(count);
  await sleep(SETTLE_MS);
  const idle = residentBytes(pid);
  for (const client of [...warm, ...clients]) client.close();
  return { idleSessionBytes: (idle - empty) / count };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

const memory = plan.idleSessions === 0 ? {} : await sessionMemory(plan.idleSessions);
const cases: CaseResult[] = [];
for (const one of plan.cases) {
  await sleep(SETTLE_MS);
  const play = { groupchat: talk, presence: talk, newcomer: newcomers, storm }[one.kind];
  cases.push(await play(one));
}
process.stdout.write(`${JSON.stringify({ ...memory, cases } satisfies LoadResult)}\n`);
process.exit(0);
