/** CPU of Janus for each packet it forwards, at half load, on the core that the other forwarders run on. */
import { setTimeout as delay } from 'node:timers/promises';
import { startPinned } from '../forwarding/processes.ts';
import { cpuMs } from '../muc/cpu-time.ts';
import { ensureJanus, JanusProcess, janusVersion } from './janus-process.ts';

const JANUS_CORE = 0;
const LOAD_CORE = 1;
const HALF = 0.5;
const WARM_UP_MS = 3000;
const CONNECT_TIMEOUT_MS = 30_000;
const POLL_MS = 100;
/** Viewers that one process of ours keeps up with. */
const MAX_VIEWERS = 600;

interface Counts {
  readonly sent: number;
  readonly received: number;
  readonly missing: number;
  readonly notTaken: number;
}

export interface JanusFigures {
  readonly version: string;
  readonly usPerPacket: number;
  readonly mountpoints: number;
  /** Part of the core, 0..1. */
  readonly busy: number;
  readonly packetsReceived: number;
  readonly packetsMissing: number;
  /** Of these, what viewers had no room for. */
  readonly packetsNotTaken: number;
}

async function measureOnce(
  mountpoints: number,
  receivers: number,
  seconds: number,
): Promise<JanusFigures> {
  const janus = await JanusProcess.start(mountpoints, JANUS_CORE);
  const load = startPinned('../janus/load-process.ts', LOAD_CORE);
  try {
    await load.call('open', janus.webSocketPort, janus.rtpPorts, receivers);
    const deadline = performance.now() + CONNECT_TIMEOUT_MS;
    for (;;) {
      const state = await load.call<string | undefined>('state');
      if (state === undefined) break;
      if (performance.now() > deadline) throw new Error(`viewers of Janus: ${state}`);
      await delay(POLL_MS);
    }
    await delay(WARM_UP_MS);
    const before = { cpuMs: cpuMs(janus.pid), counts: await load.call<Counts>('counts') };
    await delay(seconds * 1000);
    const after = { cpuMs: cpuMs(janus.pid), counts: await load.call<Counts>('counts') };
    const of = (pick: (counts: Counts) => number) => pick(after.counts) - pick(before.counts);
    const received = of((counts) => counts.received);
    const usedMs = after.cpuMs - before.cpuMs;
    return {
      version: janusVersion(),
      usPerPacket: (usedMs * 1000) / received,
      mountpoints,
      busy: usedMs / (seconds * 1000),
      packetsReceived: received,
      packetsMissing: of((counts) => counts.missing),
      packetsNotTaken: of((counts) => counts.notTaken),
    };
  } finally {
    await load.stop();
    await janus.stop();
  }
}

/** Undefined, and a line that says so, when Janus is not there. */
export async function measureJanus(
  receivers: number,
  seconds: number,
): Promise<JanusFigures | undefined> {
  if (!ensureJanus()) {
    console.error('Janus is not measured: it is not installed (apt-get install janus)');
    return undefined;
  }
  const alone = await measureOnce(1, receivers, seconds);
  const mountpoints = Math.min(Math.round(HALF / alone.busy), Math.floor(MAX_VIEWERS / receivers));
  return mountpoints <= 1 ? alone : measureOnce(mountpoints, receivers, seconds);
}
