/**
 * CPU per forwarded packet and delay of the media path, beside a baseline in C that does what
 * forwarders usually do: one receive, one cipher call and one `sendto` per packet (forwarding/baseline.c).
 * Both get the same packets and run alone on the same core; the load generator has another.
 *
 *   npm run bench -- forwarding [--json] [--receivers 10,50,200] [--seconds 5] [--rounds 3] [--cm] [--direct]
 *
 * One sender of 2.5 Mbit/s, 30 frames a second, each frame one burst. CPU is that of our whole process
 * (all threads) against that of the baseline's thread, medians over the rounds. Every packet that
 * arrives is decrypted and checked: authentic, next sequence number, the sender's payload.
 * Delay is measured at half load: as many such conferences as keep our core half busy.
 * `--direct` leaves the bridge out and measures packet-io alone.
 */
import { createSocket } from 'node:dgram';
import { buildAddon } from '../../scripts/build-addon.mjs';
import { buildBenchAddon } from './forwarding/native.ts';
import type { Plan, Profile } from './forwarding/plan.ts';
import { type PinnedProcess, startPinned } from './forwarding/processes.ts';

const FRAMES_PER_S = 30;
const BRIDGE_CORE = 0;
const LOAD_CORE = 1;
const CONTROL_START = 0xfe;
const CONTROL_STOP = 0xff;
/** A run before each measurement, so that code is compiled and sockets are warm. */
const WARM_UP_FRAMES = 30;
/** The load generator keeps up with this many senders. */
const MAX_CONFERENCES = 60;

interface Options {
  readonly receivers: readonly number[];
  readonly seconds: number;
  readonly rounds: number;
  readonly profile: Profile;
  readonly bridgeFile: string;
  readonly json: boolean;
}

function parseOptions(args: readonly string[]): Options {
  const value = (name: string, fallback: string) => {
    const at = args.indexOf(name);
    return at >= 0 ? (args[at + 1] ?? fallback) : fallback;
  };
  return {
    receivers: value('--receivers', '10,50,200').split(',').map(Number),
    seconds: Number(value('--seconds', '5')),
    rounds: Number(value('--rounds', '3')),
    profile: args.includes('--cm') ? 'AES128_CM_HMAC_SHA1_80' : 'AEAD_AES_128_GCM',
    bridgeFile: args.includes('--direct') ? 'fan-out-process.ts' : 'fan-out-process.ts',
    json: args.includes('--json'),
  };
}

interface Usage {
  readonly cpuUs: number;
  readonly txCalls: number;
  readonly txPackets: number;
  readonly rxCalls: number;
}

interface Measured {
  readonly cpuUs: number;
  readonly wallMs: number;
  /** Packets that the senders sent. */
  readonly sent: number;
  readonly checked: number;
  readonly bad: number;
  readonly delayP50Ms: number;
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
  readonly usage?: Usage;
}

function judged(result: readonly number[], cpuUs: number, wallMs: number): Measured {
  const [
    sent = 0,
    checked = 0,
    badAuth = 0,
    badSeq = 0,
    badPayload = 0,
    p50 = -1,
    p99 = -1,
    max = -1,
  ] = result;
  return {
    cpuUs,
    wallMs,
    sent,
    checked,
    bad: badAuth + badSeq + badPayload,
    delayP50Ms: p50,
    delayP99Ms: p99,
    delayMaxMs: max,
  };
}

async function planFor(
  load: PinnedProcess,
  conferences: number,
  receivers: number,
  profile: Profile,
): Promise<Plan> {
  const ports = await load.call<number[]>('open', conferences);
  const [checkedPort = 0, sinkPort = 0, ...senderPorts] = ports;
  return { conferences, receivers, profile, senderPorts, checkedPort, sinkPort };
}

async function measureOurs(
  options: Options,
  conferences: number,
  receivers: number,
  seconds: number,
): Promise<Measured> {
  const load = startPinned('load-process.ts', LOAD_CORE);
  const bridge = startPinned(options.bridgeFile, BRIDGE_CORE);
  const port = await bridge.call<number>('open');
  const plan = await planFor(load, conferences, receivers, options.profile);
  await bridge.call('start', plan);
  await load.call('run', plan, port, WARM_UP_FRAMES);
  const before = await bridge.call<Usage>('usage');
  const startMs = performance.now();
  const result = await load.call<number[]>('run', plan, port, seconds * FRAMES_PER_S);
  const wallMs = performance.now() - startMs;
  const after = await bridge.call<Usage>('usage');
  await Promise.all([load.stop(), bridge.stop()]);
  return {
    ...judged(result, after.cpuUs - before.cpuUs, wallMs),
    usage: {
      cpuUs: 0,
      txCalls: after.txCalls - before.txCalls,
      txPackets: after.txPackets - before.txPackets,
      rxCalls: after.rxCalls - before.rxCalls,
    },
  };
}

async function measureBaseline(
  options: Options,
  receivers: number,
  seconds: number,
): Promise<Measured> {
  const load = startPinned('load-process.ts', LOAD_CORE);
  const baseline = startPinned('baseline-process.ts', BRIDGE_CORE);
  const control = createSocket('udp4');
  const port = await baseline.call<number>('open');
  const steer = (byte: number) =>
    new Promise((done) => control.send(Uint8Array.of(byte), port, '127.0.0.1', done));
  const plan = await planFor(load, 1, receivers, options.profile);
  const cpuUs = baseline.call<number>('run', plan);
  await load.call('run', plan, port, WARM_UP_FRAMES);
  await steer(CONTROL_START);
  const startMs = performance.now();
  const result = await load.call<number[]>('run', plan, port, seconds * FRAMES_PER_S);
  const wallMs = performance.now() - startMs;
  await steer(CONTROL_STOP);
  const measured = judged(result, await cpuUs, wallMs);
  control.close();
  await Promise.all([load.stop(), baseline.stop()]);
  return measured;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

const round = (value: number, digits = 3) => Number(value.toFixed(digits));

async function measureCase(options: Options, receivers: number) {
  const ours: Measured[] = [];
  const baseline: Measured[] = [];
  for (let i = 0; i < options.rounds; i++) {
    baseline.push(await measureBaseline(options, receivers, options.seconds));
    ours.push(await measureOurs(options, 1, receivers, options.seconds));
  }
  // Per packet that was to be forwarded; a loss is counted as bad below.
  const usPerPacket = median(ours.map((m) => m.cpuUs / (m.sent * receivers)));
  const baselineUsPerPacket = median(baseline.map((m) => m.cpuUs / (m.sent * receivers)));
  const busy = median(ours.map((m) => m.cpuUs / 1000 / (m.sent / 270) / 1000));
  const conferences = Math.max(1, Math.min(MAX_CONFERENCES, Math.round(0.5 / busy)));
  const half = await measureOurs(options, conferences, receivers, options.seconds);
  const all = [...ours, ...baseline, half];
  const first = ours[0] as Measured;
  if (!options.json) {
    console.log(
      `${receivers} receivers: ${round(usPerPacket)} µs (baseline ${round(baselineUsPerPacket)}), ` +
        `delay alone p50 ${round(first.delayP50Ms)} p99 ${round(first.delayP99Ms)} ms, ` +
        `baseline p50 ${round(baseline[0]?.delayP50Ms ?? -1)} p99 ${round(baseline[0]?.delayP99Ms ?? -1)} ms; ` +
        `${round((first.usage?.txPackets ?? 0) / (first.usage?.txCalls ?? 1), 1)} packets a send call; ` +
        `half load: ${conferences} conferences, ${round((half.cpuUs / 1000 / half.wallMs) * 100, 0)} % of the core, ` +
        `${round(half.cpuUs / (half.sent * receivers))} µs, p50 ${round(half.delayP50Ms)} p99 ${round(half.delayP99Ms)} max ${round(half.delayMaxMs)} ms`,
    );
  }
  const missing = [...ours, ...baseline].reduce(
    (sum, m) => sum + (m.sent * receivers - m.checked),
    0,
  );
  return {
    receivers,
    usPerPacket: round(usPerPacket),
    baselineUsPerPacket: round(baselineUsPerPacket),
    ratio: round(baselineUsPerPacket / usPerPacket, 2),
    delayP50Ms: round(half.delayP50Ms),
    delayP99Ms: round(half.delayP99Ms),
    packetsChecked: all.reduce((sum, m) => sum + m.checked, 0),
    packetsBad: all.reduce((sum, m) => sum + m.bad, 0) + missing,
    halfLoad: {
      conferences,
      corePercent: round((half.cpuUs / 1000 / half.wallMs) * 100, 0),
      usPerPacket: round(half.cpuUs / (half.sent * receivers)),
      delayMaxMs: round(half.delayMaxMs),
    },
  };
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  buildAddon();
  buildBenchAddon();
  const cases = [];
  for (const receivers of options.receivers) cases.push(await measureCase(options, receivers));
  console.log(JSON.stringify({ cases }));
}

await main();
