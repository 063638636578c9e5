/**
 * CPU per forwarded packet and delay of the media path, beside forwarders in C that do what forwarders
 * usually do: one receive, one cipher call and one `sendto` per packet (forwarding/baseline.c), with libsrtp and with
 * OpenSSL's EVP. All get the same packets and run alone on the same core; the load generator has another.
 *
 *   npm run bench -- forwarding [--json] [--receivers 10,50,200] [--seconds 2] [--rounds 3]
 *                               [--cm] [--direct] [--software-segmentation]
 *
 * A conference is one sender of 2.5 Mbit/s at 30 frames a second, each frame a burst, and its receivers.
 * Everything is measured at half load, that is with as many such conferences as keep the core of the
 * busier of the two half busy: a core that is idle most of the time measures wake-ups. `alone` has the figures of one
 * conference, `at70` the delay when our own core is busy to 70 %. CPU is that of our whole process, all threads, against that
 * of the baseline's thread; medians of the rounds, which alternate. What arrives at the receivers of one conference is decrypted
 * and checked: authentic, next sequence number, the sender's payload, nothing missing.
 *
 * Debian's libsrtp is built on NSS, which is slower than OpenSSL: then EVP is the baseline of `ratio`, and libsrtp is told
 * beside it. `LIBSRTP_PREFIX` names where a libsrtp that uses OpenSSL is installed.
 *
 * Receivers take segment runs whole (UDP_GRO), as a network card with UDP segmentation does; with
 * `--software-segmentation` the kernel cuts them on our core, as it does without such a card.
 * `--cm` uses AES-CM with SHA-1 instead of AES-GCM; `--direct` measures packet-io without the bridge.
 */
import { parseArgs } from 'node:util';
import { buildAddon } from '../../scripts/build-addon.mjs';
import { badOf, type Measured, measureOurs, type Setup } from './forwarding/measure.ts';
import { buildBenchAddon } from './forwarding/native.ts';

buildAddon();
buildBenchAddon();
// Loads what was just built.
const { compare, describe, measurePeer, packetCounts, peers, round } = await import(
  './forwarding/compare.ts'
);

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
const DEADLINE_S = 290;
const HALF = 0.5;
const HIGH = 0.7;
const MAX_BUSY = 0.8;
/** The load generator keeps up with this many senders. */
const MAX_CONFERENCES = 200;

function setupOf(conferences: number, receivers: number): Setup {
  return {
    conferences,
    receivers,
    everyoneSends: false,
    videoBps: 2_500_000,
    hasAudio: false,
    seconds: Number(values.seconds),
    profile: values.cm ? 'AES128_CM_HMAC_SHA1_80' : 'AEAD_AES_128_GCM',
    offload: !values['software-segmentation'],
  };
}

const log = (text: string) => {
  if (!values.json) console.log(text);
};
/** How many conferences make `load`, from the load of others. */
function conferencesFor(load: number, conferences: number, busy: number): number {
  return Math.max(1, Math.min(MAX_CONFERENCES, Math.round((conferences * load) / busy)));
}

/** A forwarder that loses packets does less work than it is given: its figures would flatter it. */
function isOverloaded(measured: Measured): boolean {
  return badOf(measured) > 0 || measured.busy > MAX_BUSY;
}

/** As many conferences as keep the busier of the two half busy, and neither overloaded. */
async function halfLoad(receivers: number, aloneBusy: number, endMs: number): Promise<number> {
  // A packet costs less when there are more: a second estimate from half way there.
  let conferences = conferencesFor(HALF, 1, aloneBusy);
  for (;;) {
    const ours = await measureOurs(bridgeFile, setupOf(conferences, receivers));
    const baseline = await measurePeer(setupOf(conferences, receivers));
    const overloaded = isOverloaded(ours) || isOverloaded(baseline);
    if (!overloaded || conferences === 1 || performance.now() > endMs) {
      const half = conferencesFor(HALF, conferences, Math.max(ours.busy, baseline.busy));
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
  const baselineAlone = await measurePeer(setupOf(1, receivers));
  log(describe('baseline alone', baselineAlone));
  const conferences = await halfLoad(receivers, Math.max(alone.busy, baselineAlone.busy), endMs);
  log(`  half load: ${conferences} conferences`);
  const setup = setupOf(conferences, receivers);
  const compared = await compare(bridgeFile, setup, rounds, endMs, log);
  const many = conferencesFor(HIGH, conferences, compared.coreBusy);
  const at70 = await measureOurs(bridgeFile, setupOf(many, receivers));
  log(describe(`ours, ${many} conferences`, at70));
  // The baseline's losses would be ours to explain too: both are counted.
  const others = packetCounts([alone, baselineAlone, at70]);
  return {
    receivers,
    ...compared,
    packetsChecked: compared.packetsChecked + others.packetsChecked,
    packetsBad: compared.packetsBad + others.packetsBad,
    conferences,
    at70: {
      conferences: many,
      coreBusy: round(at70.busy, 2),
      delayP50Ms: round(at70.delayP50Ms),
      delayP99Ms: round(at70.delayP99Ms),
      packetsBad: badOf(at70),
    },
    alone: {
      usPerPacket: round(alone.usPerPacket),
      baselineUsPerPacket: round(baselineAlone.usPerPacket),
      delayP50Ms: round(alone.delayP50Ms),
      delayP99Ms: round(alone.delayP99Ms),
    },
  };
}

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
console.log(JSON.stringify({ ...peers, cases }));
