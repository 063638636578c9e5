/** Records the phases of a story: what the receiver saw, what the machine had to do with it, and what the bridge did meanwhile. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { LjmClient } from '../ljm/ljm-client.ts';
import type { BridgeTimeline } from './bridge-timeline.ts';
import { type FlowMeasurement, FlowMeter, type ShownFrame } from './flow-meter.ts';

export interface Phase {
  readonly name: string;
  readonly flow: FlowMeasurement;
  /** From the change of the network to the first picture of another height; absent: none was awaited. */
  readonly changeMs?: number | undefined;
  /** How long the machine, and not the bridge, may have kept a picture from being shown. */
  readonly machineMs: number;
  /** For who looks for the cause of a failure. */
  readonly evidence: string;
}

/** Timers are that late on any machine. */
const USUAL_LATE_MS = 50;
/** Pauses of a camera of ten or more pictures per second up to here are usual, on a busy machine and after a key frame. */
const USUAL_PAUSE_MS = 300;
/** Worth a line in the evidence. */
const LONG_MS = 400;
const NS_PER_MS = 1e6;

export class PhaseRecorder {
  readonly #meter: FlowMeter;
  readonly #timeline: BridgeTimeline;
  /** Of this process, through which all goes that the receiver gets. */
  readonly #loop = monitorEventLoopDelay({ resolution: 10 });
  #beganMs = 0;

  private constructor(meter: FlowMeter, timeline: BridgeTimeline) {
    this.#meter = meter;
    this.#timeline = timeline;
    this.#loop.enable();
  }

  /** Of what `receiver` gets of `sender`. */
  static async start(
    timeline: BridgeTimeline,
    receiver: LjmClient,
    sender: LjmClient,
  ): Promise<PhaseRecorder> {
    timeline.follow(receiver.id, sender.id);
    return new PhaseRecorder(await FlowMeter.start(receiver, sender), timeline);
  }

  /** Forgets what was before now. */
  async begin(): Promise<void> {
    await this.#meter.begin();
    this.#loop.reset();
    this.#beganMs = performance.now();
  }

  until(isReached: (frame: ShownFrame) => boolean, timeoutMs: number): Promise<number | undefined> {
    return this.#meter.until(isReached, timeoutMs);
  }

  measure(durationMs: number): Promise<FlowMeasurement> {
    return this.#meter.measure(durationMs);
  }

  /** What happened between `begin` and `durationMs` after it, or now if that is later. */
  async finish(name: string, durationMs: number, changeMs?: number): Promise<Phase> {
    const flow = await this.#meter.measure(durationMs);
    const lateMs = {
      page: above(flow.lateMs, USUAL_LATE_MS),
      relay: above(this.#loop.max / NS_PER_MS, USUAL_LATE_MS),
      camera: above(this.#timeline.longestQuietMs(this.#beganMs), USUAL_PAUSE_MS),
    };
    const machineMs = lateMs.page + lateMs.relay + lateMs.camera;
    const held = `receiving page ${lateMs.page} ms late, relay ${lateMs.relay} ms, camera silent for ${lateMs.camera} ms too long`;
    const evidence = [
      `${name}: ${held}`,
      `pictures paused: ${pausesOf(flow)}`,
      this.#timeline.text(this.#beganMs),
    ].join('\n');
    return { name, flow, changeMs, machineMs, evidence };
  }

  close(): void {
    this.#loop.disable();
  }
}

const above = (value: number, usual: number): number => Math.round(Math.max(0, value - usual));

function pausesOf({ frames, durationMs }: FlowMeasurement): string {
  const times = [0, ...frames.map(({ atMs }) => atMs), durationMs].map((atMs) => atMs / 1000);
  const pauses = times.slice(1).flatMap((to, i) => {
    const from = times[i]!;
    return 1000 * (to - from) > LONG_MS ? [`${from.toFixed(2)} to ${to.toFixed(2)} s`] : [];
  });
  return pauses.join(', ') || 'never for long';
}
