/**
 * CPU per forwarded packet and delay of the media path, beside a baseline in C that does what
 * forwarders usually do: one receive, one cipher call and one `sendto` per packet (forwarding/baseline.c).
 * Both get the same packets and run alone on the same core; the load generator has another.
 *
 *   npm run bench -- forwarding [--json] [--receivers 10,50,200] [--seconds 2] [--rounds 3]
 *                               [--cm] [--direct] [--software-segmentation]
 *
 * A conference is one sender of 2.5 Mbit/s at 30 frames a second, each frame a burst, and its receivers.
 * Everything is measured at half load, that is with as many such conferences as keep the core of the
 * busier of the two half busy: a core that is idle most of the time measures wake-ups. `alone` has the figures of one
 * conference. CPU is that of our whole process, all threads, against that of the baseline's thread;
 * medians of the rounds, which alternate. What arrives at the receivers of one conference is decrypted
 * and checked: authentic, next sequence number, the sender's payload, nothing missing.
 *
 * Receivers take segment runs whole (UDP_GRO), as a network card with UDP segmentation does; with
 * `--software-segmentation` the kernel cuts them on our core, as it does without such a card.
 * `--cm` uses AES-CM with SHA-1 instead of AES-GCM; `--direct` measures packet-io without the bridge.
 */
import { parseArgs } from 'node:util';
import { buildAddon } from '../../scripts/build-addon.mjs';
import { type Measured, measureBaseline, measureOurs, type Setup } from './forwarding/measure.ts';
import { buildBenchAddon } from './forwarding/native.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    receivers: { type: 'string', default: '10,50,200' },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    cm: { type: 'boolean', default: false },
    direct: { type: 'boolean', default: false },
    'software-segmentation': { type: 'boolean', default: false },
  },
});
const bridgeFile = values.direct ? 'fan-out-process.ts' : 'bridge-process.ts';
const rounds = Number(values.rounds);
/** Of the whole run; the children end with it. */
const DEADLINE_S = 175;
const HALF = 0.5;
const MAX_BUSY = 0.8;
/** The load generator keeps up with this many senders. */
const MAX_CONFERENCES = 200;

function setupOf(conferences: number, receivers: number): Setup {
  return {
    conferences,
    receivers,
    seconds: Number(values.seconds),
    profile: values.cm ? 'AES128_CM_HMAC_SHA1_80' : 'AEAD_AES_128_GCM',
    offload: !values['software-segmentation'],
  };
}

const log = (text: string) => {
  if (!values.json) console.log(text);
};
const round = (value: number, digits = 3) => Number(value.toFixed(digits));
const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}

function describe(name: string, m: Measured): string {
  return (
    `  ${name}: ${round(m.usPerPacket)} µs, core ${round(m.busy * 100, 0)} %, ` +
    `delay p50 ${round(m.delayP50Ms)} p99 ${round(m.delayP99Ms)} ms, ` +
    `${round(m.packetsPerMessage, 1)} packets a message, ${m.bad} of ${m.checked} bad`
  );
}

/** How many conferences make half load, from the load of fewer. */
function conferencesForHalf(conferences: number, busy: number): number {
  return Math.max(1, Math.min(MAX_CONFERENCES, Math.round((conferences * HALF) / busy)));
}

/** A forwarder that loses packets does less work than it is given: its figures would flatter it. */
function isOverloaded({ bad, busy }: Measured): boolean {
  return bad > 0 || busy > MAX_BUSY;
}

/** As many conferences as keep the busier of the two half busy, and neither overloaded. */
async function halfLoad(receivers: number, aloneBusy: number, endMs: number): Promise<number> {
  // A packet costs less when there are more: a second estimate from half way there.
  let conferences = conferencesForHalf(1, aloneBusy);
  for (;;) {
    const ours = await measureOurs(bridgeFile, setupOf(conferences, receivers));
    const baseline = await measureBaseline(setupOf(conferences, receivers));
    const overloaded = isOverloaded(ours) || isOverloaded(baseline);
    if (!overloaded || conferences === 1 || performance.now() > endMs) {
      const half = conferencesForHalf(conferences, Math.max(ours.busy, baseline.busy));
      return overloaded ? 1 : half;
    }
    conferences = Math.max(1, Math.floor(conferences / 2));
  }
}

/** `endMs`: no further round begins after it; there is always one. */
async function measureCase(receivers: number, endMs: number) {
  log(`${receivers} receivers`);
  const alone = await measureOurs(bridgeFile, setupOf(1, receivers));
  log(describe('ours alone', alone));
  const baselineAlone = await measureBaseline(setupOf(1, receivers));
  log(describe('baseline alone', baselineAlone));
  const conferences = await halfLoad(receivers, Math.max(alone.busy, baselineAlone.busy), endMs);
  log(`  half load: ${conferences} conferences`);
  const ours: Measured[] = [];
  const baseline: Measured[] = [];
  for (let i = 0; i < rounds && (i === 0 || performance.now() < endMs); i++) {
    baseline.push(await measureBaseline(setupOf(conferences, receivers)));
    log(describe('baseline', baseline[i] as Measured));
    ours.push(await measureOurs(bridgeFile, setupOf(conferences, receivers)));
    log(describe('ours', ours[i] as Measured));
  }
  const usPerPacket = median(ours.map((m) => m.usPerPacket));
  const baselineUsPerPacket = median(baseline.map((m) => m.usPerPacket));
  // The baseline's losses would be ours to explain too: both are counted.
  const all = [alone, baselineAlone, ...ours, ...baseline];
  return {
    receivers,
    usPerPacket: round(usPerPacket),
    baselineUsPerPacket: round(baselineUsPerPacket),
    ratio: round(baselineUsPerPacket / usPerPacket, 2),
    delayP50Ms: round(median(ours.map((m) => m.delayP50Ms))),
    delayP99Ms: round(median(ours.map((m) => m.delayP99Ms))),
    packetsChecked: sum(all.map((m) => m.checked)),
    packetsBad: sum(all.map((m) => m.bad)),
    conferences,
    coreBusy: round(median(ours.map((m) => m.busy)), 2),
    rounds: ours.length,
    packetsPerMessage: round(median(ours.map((m) => m.packetsPerMessage)), 1),
    alone: {
      usPerPacket: round(alone.usPerPacket),
      baselineUsPerPacket: round(baselineAlone.usPerPacket),
      delayP50Ms: round(alone.delayP50Ms),
      delayP99Ms: round(alone.delayP99Ms),
    },
  };
}

buildAddon();
buildBenchAddon();
setTimeout(() => {
  console.error(`the benchmark took longer than ${DEADLINE_S} s`);
  process.exit(1);
}, DEADLINE_S * 1000).unref();
const sizes = values.receivers.split(',').map(Number);
/** The last round of a case takes some seconds more. */
const caseMs = ((DEADLINE_S - 35) * 1000) / sizes.length;
const startMs = performance.now();
const cases = [];
for (const [i, receivers] of sizes.entries()) {
  cases.push(await measureCase(receivers, startMs + (i + 1) * caseMs));
}
console.log(JSON.stringify({ cases }));
