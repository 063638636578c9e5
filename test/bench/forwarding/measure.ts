/**
 * One forwarder under measurement: a load generator on one core, our bridge or a baseline on another. They live as
 * long as a case does, and are idle while another forwarder is measured.
 */
import { createSocket } from 'node:dgram';
import type { Plan, Profile } from './plan.ts';
import { startPinned } from './processes.ts';

export const FRAMES_PER_S = 30;
const BRIDGE_CORE = 0;
const LOAD_CORE = 1;
/** First bytes of datagrams that steer the baseline. */
const CONTROL_START = 0xfe;
const CONTROL_STOP = 0xff;
/** Before each measurement: whoever had to wait for its turn gets key frames, and caches are filled. */
const LEAD_IN_FRAMES = 6;

export interface Setup {
  /** At most; each measurement is of some of them. */
  readonly conferences: number;
  readonly receivers: number;
  /** All members of a conference send, not only one. */
  readonly everyoneSends: boolean;
  readonly videoBps: number;
  readonly hasAudio: boolean;
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
  readonly delayMaxMs: number;
  /** Packets in one message to the kernel; 1 for the baseline. */
  readonly packetsPerMessage: number;
  /** Garbage collections a second, and the longest. */
  readonly collectionsPerS: number;
  readonly longestCollectionMs: number;
}

export interface Forwarder {
  /** The first `conferences` of the setup send for so long. */
  measure(conferences: number, seconds: number): Promise<Measured>;
  /** Ends its processes. */
  stop(): Promise<void>;
}

interface Usage {
  readonly cpuUs: number;
  readonly txMessages: number;
  readonly txPackets: number;
  readonly pausesMs: readonly number[];
}

interface Load {
  readonly plan: Plan;
  run(port: number, conferences: number, frames: number, withKey: boolean): Promise<number[]>;
  stop(): Promise<void>;
}

async function startLoad(setup: Setup): Promise<Load> {
  const load = startPinned('load-process.ts', LOAD_CORE);
  const { offload, everyoneSends, ...rest } = setup;
  const senders = everyoneSends ? setup.receivers + 1 : 1;
  const ports = await load.call<number[]>('open', setup.conferences * senders, offload);
  const [checkedPort = 0, sinkPort = 0, ...senderPorts] = ports;
  const plan = { ...rest, senders, senderPorts, checkedPort, sinkPort };
  return {
    plan,
    run: (...args) => load.call<number[]>('run', plan, ...args),
    stop: () => load.stop(),
  };
}

/** `result` is what load.c's run returns. */
function judged(
  result: readonly number[],
  seconds: number,
  cpuUs: number,
  forwarded: number,
): Measured {
  const [, expected = 0, checked = 0, auth = 0, seq = 0, payload = 0, ...delays] = result;
  const [p50 = -1, p99 = -1, max = -1] = delays;
  return {
    // What was really forwarded: losing packets must not make them cheap.
    usPerPacket: cpuUs / forwarded,
    busy: cpuUs / (seconds * 1e6),
    checked,
    bad: {
      notAuthentic: auth,
      outOfSequence: seq,
      wrongPayload: payload,
      missing: Math.max(0, expected - checked),
    },
    delayP50Ms: p50,
    delayP99Ms: p99,
    delayMaxMs: max,
    packetsPerMessage: 1,
    collectionsPerS: 0,
    longestCollectionMs: 0,
  };
}

/** `file` is a process beside this one that answers open, setConferences and usage. */
export async function startOurs(file: string, setup: Setup): Promise<Forwarder> {
  const load = await startLoad(setup);
  const bridge = startPinned(file, BRIDGE_CORE);
  const port = await bridge.call<number>('open');
  return {
    async measure(conferences, seconds) {
      await bridge.call('setConferences', load.plan, conferences);
      await load.run(port, conferences, LEAD_IN_FRAMES, true);
      const before = await bridge.call<Usage>('usage');
      const result = await load.run(port, conferences, Math.round(seconds * FRAMES_PER_S), false);
      const after = await bridge.call<Usage>('usage');
      const forwarded = after.txPackets - before.txPackets;
      return {
        ...judged(result, seconds, after.cpuUs - before.cpuUs, forwarded),
        packetsPerMessage: forwarded / (after.txMessages - before.txMessages),
        collectionsPerS: after.pausesMs.length / seconds,
        longestCollectionMs: Math.max(0, ...after.pausesMs),
      };
    },
    async stop() {
      await Promise.all([load.stop(), bridge.stop()]);
    },
  };
}

export async function startBaseline(setup: Setup, libsrtp: boolean): Promise<Forwarder> {
  const load = await startLoad(setup);
  const baseline = startPinned('baseline-process.ts', BRIDGE_CORE);
  const port = await baseline.call<number>('open');
  const control = createSocket('udp4');
  const steer = (byte: number) =>
    new Promise((done) => control.send(Uint8Array.of(byte), port, '127.0.0.1', done));
  return {
    async measure(conferences, seconds) {
      // Blocks in C until it is told to stop.
      const used = baseline.call<[cpuUs: number, sent: number]>('run', load.plan, libsrtp);
      await load.run(port, conferences, LEAD_IN_FRAMES, true);
      await steer(CONTROL_START);
      const result = await load.run(port, conferences, Math.round(seconds * FRAMES_PER_S), false);
      await steer(CONTROL_STOP);
      return judged(result, seconds, ...(await used));
    },
    async stop() {
      control.close();
      await Promise.all([load.stop(), baseline.stop()]);
    },
  };
}
