/**
 * Many people who come and go for a long time: does the server hold more than before in the end, or more and more meanwhile?
 * Synthetic participants with real signalling, ICE and DTLS in rooms of five, of whom the first sends; again and again one goes (hangs up,
 * loses the connection, is gone without a word, the last also with a session that waits a minute to be resumed) and another comes.
 *
 *   npm run bench -- churn [--json] [--minutes 10] [--participants 200] [--per-second 5]
 *
 * Heaps are those after a full collection, of main thread and bridge worker; `drift` is the line through what was measured every half
 * minute, without the first fifth. The end is compared with the state after a first fill that had gone again; and what the main heap
 * consists of at the end of the churn with what it did a third of the time before, when as many people were there. Needs `npm run build`.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { waitUntil } from '@conclave/testkit';
import { Population } from './churn/population.ts';
import { InspectedServer, type Resources } from './churn/server-resources.ts';
import type { HeapShare } from './inspector/thread-inspector.ts';
import { endWithin } from './run/deadline.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '10' },
    participants: { type: 'string', default: '200' },
    'per-second': { type: 'string', default: '5' },
  },
});
const minutes = Number(values.minutes);
const plan = { participants: Number(values.participants), perRoom: 5 };
const intervalMs = 1000 / Number(values['per-second']);
const SAMPLES = Math.max(10, Math.round(minutes * 2));
/** After so many the main heap is looked at first. That makes the process larger: its size counts until then. */
const LOOK_AT = Math.ceil((SAMPLES * 2) / 3);
/** Joining, and sessions that wait to be resumed. */
const MORE_SECONDS = 300;
const GONE_MS = 90_000;
const KB = 1024;
/** Less is not told of what grew. */
const LEAST_GROWTH_KB = 10;

/** With `--json` only the result goes to standard output. */
const log = (text: string) => (values.json ? console.error(text) : console.log(text));
const kb = (bytes: number) => Math.round(bytes / KB);

function describe(resources: Resources): string {
  const { mainHeapBytes, workerHeapBytes, residentBytes, descriptors, slots } = resources;
  return (
    `heap ${kb(mainHeapBytes)} + ${kb(workerHeapBytes)} KB, resident ${kb(residentBytes)} KB, ` +
    `${descriptors} descriptors, ${slots.free} slots free, ${slots.cached} cached, ` +
    `${resources.conferences} rooms, ${resources.endpoints} endpoints`
  );
}

function emptied(server: InspectedServer): Promise<Resources> {
  return waitUntil(
    'all rooms to be gone',
    async () => {
      const resources = await server.resources();
      return resources.conferences === 0 && resources.endpoints === 0 && resources;
    },
    { timeoutMs: GONE_MS, intervalMs: 500 },
  );
}

/** KB a minute. */
function drift(samples: readonly Resources[], of: (resources: Resources) => number): number {
  const late = samples.slice(Math.floor(samples.length / 5));
  const minutesEach = minutes / SAMPLES;
  const meanX = ((late.length - 1) / 2) * minutesEach;
  const meanY = late.reduce((sum, sample) => sum + of(sample), 0) / late.length;
  let [covariance, variance] = [0, 0];
  for (const [i, sample] of late.entries()) {
    covariance += (i * minutesEach - meanX) * (of(sample) - meanY);
    variance += (i * minutesEach - meanX) ** 2;
  }
  return kb(covariance / variance);
}

type Contents = ReadonlyMap<string, HeapShare>;

/** Of a thread's heap, the most first. */
function growth(before: Contents, after: Contents) {
  return [...after]
    .map(([kind, { count, bytes }]) => ({
      kind,
      more: count - (before.get(kind)?.count ?? 0),
      moreKb: kb(bytes - (before.get(kind)?.bytes ?? 0)),
    }))
    .filter(({ moreKb }) => moreKb >= LEAST_GROWTH_KB)
    .sort((a, b) => b.moreKb - a.moreKb);
}

const server = await InspectedServer.start();
endWithin(minutes * 60 + MORE_SECONDS, server.server.process.pid ?? 0);
try {
  const first = new Population(server.server, plan);
  await first.fill();
  first.empty();
  const before = await emptied(server);
  const objectsBefore = await server.objects();
  log(`before: ${describe(before)}`);

  const population = new Population(server.server, plan);
  await population.fill();
  const samples: Resources[] = [];
  let contentsBefore: Contents = new Map();
  const startMs = performance.now();
  let nextMs = startMs;
  for (let sample = 1; sample <= SAMPLES; sample++) {
    const sampleMs = startMs + (sample * minutes * 60_000) / SAMPLES;
    while (performance.now() < sampleMs) {
      await population.replaceOne();
      nextMs = Math.max(nextMs + intervalMs, performance.now() - 1000);
      await delay(Math.max(0, nextMs - performance.now()));
    }
    const resources = await server.resources();
    samples.push(resources);
    log(`${population.joined} joined: ${describe(resources)}`);
    if (sample === LOOK_AT) contentsBefore = await server.mainHeapContents();
  }
  const mainHeapGrown = growth(contentsBefore, await server.mainHeapContents());
  population.empty();
  const after = await emptied(server);
  const objectsAfter = await server.objects();
  log(`after: ${describe(after)}`);
  const grown = [...objectsAfter]
    .map(([name, count]) => ({ name, more: count - (objectsBefore.get(name) ?? 0) }))
    .filter(({ more }) => more >= 20)
    .sort((a, b) => b.more - a.more);
  console.log(
    JSON.stringify({
      ...plan,
      minutes,
      joined: population.joined + first.joined,
      mainHeapGrowthKb: kb(after.mainHeapBytes - before.mainHeapBytes),
      workerHeapGrowthKb: kb(after.workerHeapBytes - before.workerHeapBytes),
      descriptorGrowth: after.descriptors - before.descriptors,
      slotsMissing: before.slots.free - after.slots.free,
      objectsGrown: grown,
      mainHeapGrown,
      driftKbPerMinute: {
        mainHeap: drift(samples, ({ mainHeapBytes }) => mainHeapBytes),
        workerHeap: drift(samples, ({ workerHeapBytes }) => workerHeapBytes),
        resident: drift(samples.slice(0, LOOK_AT), ({ residentBytes }) => residentBytes),
      },
    }),
  );
} finally {
  await server.stop();
}
process.exit(0);
