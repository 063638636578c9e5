/** One measurement: a load generator on one core, our bridge or a baseline on another. */
import { createSocket } from 'node:dgram';
import type { Plan, Profile } from './plan.ts';
import { type PinnedProcess, startPinned } from './processes.ts';

export const FRAMES_PER_S = 30;
const BRIDGE_CORE = 0;
const LOAD_CORE = 1;
/** First bytes of datagrams that steer the baseline. */
const CONTROL_START = 0xfe;
const CONTROL_STOP = 0xff;
/** A run before each measurement, so that code is compiled and memory is warm. */
const WARM_UP_FRAMES = 60;

export interface Setup {
  readonly conferences: number;
  readonly receivers: number;
  /** All members of a conference send, not only one. */
  readonly everyoneSends: boolean;
  readonly videoBps: number;
  readonly hasAudio: boolean;
  readonly seconds: number;
  readonly profile: Profile;
  /** Runs stay whole up to the receiver, as they do up to a network card that segments. */
  readonly offload: boolean;
}

export interface Bad {
  readonly notAuthentic: number;
  readonly outOfSequence: number;
  readonly wrongPayload: number;
  /** Not arrived within three seconds after the end. */
  readonly missing: number;
}

export function badOf({ bad }: Measured): number {
  return bad.notAuthentic + bad.outOfSequence + bad.wrongPayload + bad.missing;
}

export interface Measured {
  readonly usPerPacket: number;
  /** Part of the core that was busy, 0..1. */
  readonly busy: number;
  readonly checked: number;
  readonly bad: Bad;
  readonly delayP50Ms: number;
  readonly delayP99Ms: number;
  /** Packets in one message to the kernel; 1 for the baseline. */
  readonly packetsPerMessage: number;
  /** Garbage collections a second, and the longest. */
  readonly collectionsPerS: number;
  readonly longestCollectionMs: number;
}

interface Usage {
  readonly cpuUs: number;
  readonly txMessages: number;
  readonly txPackets: number;
  readonly pausesMs: readonly number[];
}

async function openPlan(load: PinnedProcess, setup: Setup): Promise<Plan> {
  const { offload, everyoneSends, ...rest } = setup;
  const senders = everyoneSends ? setup.receivers + 1 : 1;
  const ports = await load.call<number[]>('open', setup.conferences * senders, offload);
  const [checkedPort = 0, sinkPort = 0, ...senderPorts] = ports;
  return { ...rest, senders, senderPorts, checkedPort, sinkPort };
}

/** `result` is what load.c's run returns. */
function judged(
  result: readonly number[],
  setup: Setup,
  cpuUs: number,
  forwarded: number,
): Measured {
  const [, expected = 0, checked = 0, auth = 0, seq = 0, payload = 0, p50 = -1, p99 = -1] = result;
  return {
    // What was really forwarded: losing packets must not make them cheap.
    usPerPacket: cpuUs / forwarded,
    busy: cpuUs / (setup.seconds * 1e6),
    checked,
    bad: {
      notAuthentic: auth,
      outOfSequence: seq,
      wrongPayload: payload,
      missing: Math.max(0, expected - checked),
    },
    delayP50Ms: p50,
    delayP99Ms: p99,
    packetsPerMessage: 1,
    collectionsPerS: 0,
    longestCollectionMs: 0,
  };
}

/** `file` is a process beside this one that answers open, start and usage. */
export async function measureOurs(file: string, setup: Setup): Promise<Measured> {
  const load = startPinned('load-process.ts', LOAD_CORE);
  const bridge = startPinned(file, BRIDGE_CORE);
  try {
    const port = await bridge.call<number>('open');
    const plan = await openPlan(load, setup);
    await bridge.call('start', plan);
    await load.call('run', plan, port, WARM_UP_FRAMES);
    const before = await bridge.call<Usage>('usage');
    const result = await load.call<number[]>('run', plan, port, setup.seconds * FRAMES_PER_S);
    const after = await bridge.call<Usage>('usage');
    const forwarded = after.txPackets - before.txPackets;
    return {
      ...judged(result, setup, after.cpuUs - before.cpuUs, forwarded),
      packetsPerMessage: forwarded / (after.txMessages - before.txMessages),
      collectionsPerS: after.pausesMs.length / setup.seconds,
      longestCollectionMs: Math.max(0, ...after.pausesMs),
    };
  } finally {
    await Promise.all([load.stop(), bridge.stop()]);
  }
}

export async function measureBaseline(setup: Setup, libsrtp: boolean): Promise<Measured> {
  const load = startPinned('load-process.ts', LOAD_CORE);
  const baseline = startPinned('baseline-process.ts', BRIDGE_CORE);
  const control = createSocket('udp4');
  try {
    const port = await baseline.call<number>('open');
    const steer = (byte: number) =>
      new Promise((done) => control.send(Uint8Array.of(byte), port, '127.0.0.1', done));
    const plan = await openPlan(load, setup);
    // Blocks in C until it is told to stop.
    const used = baseline.call<[cpuUs: number, sent: number]>('run', plan, libsrtp);
    await load.call('run', plan, port, WARM_UP_FRAMES);
    await steer(CONTROL_START);
    const result = await load.call<number[]>('run', plan, port, setup.seconds * FRAMES_PER_S);
    await steer(CONTROL_STOP);
    return judged(result, setup, ...(await used));
  } finally {
    control.close();
    await Promise.all([load.stop(), baseline.stop()]);
  }
}
