/**
 * CPU per forwarded packet and delay of the media path, beside forwarders in C that do what forwarders
 * usually do: one receive, one cipher call and one `sendto` per packet (forwarding/baseline.c), with libsrtp and with
 * OpenSSL's EVP. All get the same packets and run alone on the same core; the load generator has another.
 *
 *   npm run bench -- forwarding [--json] [--receivers 10,50,200] [--seconds 2] [--rounds 5]
 *                               [--cm] [--direct] [--software-segmentation]
 *
 * A conference is one sender of 2.5 Mbit/s at 30 frames a second, each frame a burst, and its receivers.
 * Everything is measured at half load, that is with as many such conferences as keep the core of the
 * busier of the two half busy: a core that is idle most of the time measures wake-ups. `alone` has the figures of one
 * conference, `at70` those of each at as much as keeps its own core busy to 70 %, which is what a core carries. CPU is that of our whole process, all threads, against that
 * of the baseline's thread; medians of the rounds, which alternate. Ours is measured as it runs for days: after a warm-up of up to
 * 12 s under the same load, until packets do not get cheaper any more (`warmUpS`). What arrives at the receivers of one
 * conference is decrypted and checked: authentic, next sequence number, the sender's payload, nothing missing.
 *
 * EVP is called as OpenSSL documents it: init with the IV, updates, final, tag.
 * Besides, Janus from Debian (janus/): its streaming plugin gets the same frames in the same packets as plain RTP, so it decrypts nothing
 * and decides nothing, and encrypts them for as many real WebRTC viewers (ICE, DTLS) of each mountpoint; at half load too, with
 * one event loop. Its CPU is that of its process, for each packet that a viewer received.
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
import { badOf, type Setup } from './forwarding/measure.ts';
import { buildBenchAddon } from './forwarding/native.ts';
import { measureJanus } from './janus/measure.ts';

buildAddon();
buildBenchAddon();
// Loads what was just built.
const { compare, packetCounts, peers, round, startContest } = await import(
  './forwarding/compare.ts'
);
type Contest = Awaited<ReturnType<typeof startContest>>;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    receivers: { type: 'string', default: '10,50,200' },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    cm: { type: 'boolean', default: false },
    direct: { type: 'boolean', default: false },
    'software-segmentation': { type: 'boolean', default: false },
  },
});
const bridgeFile = values.direct ? 'fan-out-process.ts' : 'bridge-process.ts';
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
/** Of the whole run; the children end with it. */
const DEADLINE_S = 460;
const HALF = 0.5;
const HIGH = 0.7;
/** The load generator keeps up with this many senders. */
const MAX_CONFERENCES = 200;
/** More than a core is busy with to 70 %. */
const MAX_RECEIVERS = 5000;
/** At 70 % the delay is what is asked for, and of one conference: one frame late of 60 would be the p99. */
const HIGH_ROUNDS = 3;
/** To begin with: below half load on any machine that this runs on. */
const FEW_RECEIVERS = 200;

function setupOf(receivers: number): Setup {
  return {
    conferences: Math.min(MAX_CONFERENCES, Math.ceil(MAX_RECEIVERS / receivers)),
    receivers,
    everyoneSends: false,
    videoBps: 2_500_000,
    hasAudio: false,
    profile: values.cm ? 'AES128_CM_HMAC_SHA1_80' : 'AEAD_AES_128_GCM',
    offload: !values['software-segmentation'],
  };
}

const log = (text: string) => {
  if (!values.json) console.log(text);
};

/** As many conferences as keep the busier of the two half busy. */
async function halfLoad({ ours, peer }: Contest, setup: Setup): Promise<number> {
  let conferences = Math.ceil(FEW_RECEIVERS / setup.receivers);
  // A packet costs less when there are more: a second estimate from the first.
  for (const what of [', few', ', about half']) {
    const measured = await peer.measure(conferences, 1, what);
    const own = await ours.measure(conferences, 1, what);
    conferences = conferencesFor(HALF, conferences, Math.max(measured.busy, own.busy), setup);
  }
  return conferences;
}

/** How many conferences make `load`, from the load of others. */
function conferencesFor(load: number, conferences: number, busy: number, setup: Setup): number {
  return Math.max(1, Math.min(setup.conferences, Math.round((conferences * load) / busy)));
}

/** `endMs`: no further round begins after it; there is always one. */
async function measureCase(receivers: number, endMs: number) {
  log(`${receivers} receivers`);
  const setup = setupOf(receivers);
  const contest = await startContest(bridgeFile, setup, log);
  const { ours, peer } = contest;
  await ours.warmUp(Math.ceil(FEW_RECEIVERS / receivers));
  const conferences = await halfLoad(contest, setup);
  const warmUpS = await ours.warmUp(conferences);
  log(`  half load: ${conferences} conferences, steady after ${warmUpS} s`);
  const compared = await compare(contest, conferences, seconds, rounds, endMs);
  const many = conferencesFor(HIGH, conferences, compared.coreBusy, setup);
  await ours.warmUp(many);
  const at70 = await ours.measure(many, HIGH_ROUNDS * seconds, `, ${many} conferences`);
  // At half load it was the busier of the two.
  const few = conferencesFor(HIGH, conferences, HALF, setup);
  const peerAt70 = await peer.measure(few, HIGH_ROUNDS * seconds, `, ${few} conferences`);
  const alone = await ours.measure(1, seconds, ', alone');
  const peerAlone = await peer.measure(1, seconds, ', alone');
  await Promise.all(contest.all.map((contestant) => contestant.stop()));
  const janus = await measureJanus(receivers, seconds);
  if (janus !== undefined) {
    const { usPerPacket, busy, mountpoints, packetsMissing } = janus;
    const what = `${mountpoints} mountpoints, core ${round(busy * 100, 0)} %, ${packetsMissing} missing`;
    log(`  Janus: ${round(usPerPacket)} µs, ${what}`);
  }
  return {
    receivers,
    ...compared,
    ...packetCounts(contest),
    ...(janus !== undefined && {
      janus: janus.version,
      janusUsPerPacket: round(janus.usPerPacket),
      janusPacketsPerSecondPerCore: Math.round(1e6 / janus.usPerPacket),
      janusCoreBusy: round(janus.busy, 2),
      janusPacketsMissing: janus.packetsMissing,
    }),
    warmUpS,
    conferences,
    at70: {
      conferences: many,
      coreBusy: round(at70.busy, 2),
      usPerPacket: round(at70.usPerPacket),
      baselineCoreBusy: round(peerAt70.busy, 2),
      baselineUsPerPacket: round(peerAt70.usPerPacket),
      delayP50Ms: round(at70.delayP50Ms),
      delayP99Ms: round(at70.delayP99Ms),
      delayMaxMs: round(at70.delayMaxMs),
      longestCollectionMs: round(at70.longestCollectionMs, 2),
      packetsBad: badOf(at70),
    },
    alone: {
      usPerPacket: round(alone.usPerPacket),
      baselineUsPerPacket: round(peerAlone.usPerPacket),
      delayP50Ms: round(alone.delayP50Ms),
      delayP99Ms: round(alone.delayP99Ms),
      packetsPerMessage: round(alone.packetsPerMessage, 1),
    },
  };
}

setTimeout(() => {
  console.error(`the benchmark took longer than ${DEADLINE_S} s`);
  process.exit(1);
}, DEADLINE_S * 1000).unref();
const sizes = values.receivers.split(',').map(Number);
/** What follows the last round of a case takes more. */
const caseMs = ((DEADLINE_S - 60) * 1000) / sizes.length;
const startMs = performance.now();
const cases = [];
for (const [i, receivers] of sizes.entries()) {
  cases.push(await measureCase(receivers, startMs + (i + 1) * caseMs));
}
console.log(JSON.stringify({ ...peers, cases }));
