/**
 * A line whose SSRC changed hands goes on showing the former owner for a moment: pictures are on their way, or wait in the
 * browser. Nobody shall be shown as somebody else, so the new owner's picture counts from its first key frame on.
 */
import type { TimerHandle, Timers } from '@conclave/base';

const LOOK_EVERY_MS = 50;
/** After so long whatever is shown is the new owner's, who may have paused. */
const LONGEST_MS = 1000;

type Receiver = Pick<RTCRtpReceiver, 'getStats'>;

export class Turnover {
  readonly #timers: Timers;
  readonly #onOver: () => void;
  /** By mid. */
  readonly #underWay = new Map<string, { timer: TimerHandle | undefined }>();

  constructor(timers: Timers, onOver: () => void) {
    this.#timers = timers;
    this.#onOver = onOver;
  }

  isUnderWay(mid: string): boolean {
    return this.#underWay.has(mid);
  }

  /** The line has another owner since now. */
  begin(mid: string, receiver: Receiver): void {
    this.#underWay.get(mid)?.timer?.cancel();
    const watch = { timer: undefined };
    this.#underWay.set(mid, watch);
    this.#watch(mid, watch, receiver).catch(() => this.#end(mid, watch));
  }

  close(): void {
    for (const { timer } of this.#underWay.values()) timer?.cancel();
    this.#underWay.clear();
  }

  async #watch(
    mid: string,
    watch: { timer: TimerHandle | undefined },
    receiver: Receiver,
  ): Promise<void> {
    const before = await keyFramesOf(receiver);
    for (let waitedMs = 0; before !== undefined && waitedMs < LONGEST_MS; ) {
      await new Promise<void>((resolve) => {
        watch.timer = this.#timers.schedule(LOOK_EVERY_MS, resolve);
      });
      waitedMs += LOOK_EVERY_MS;
      if (this.#underWay.get(mid) !== watch) return;
      const now = await keyFramesOf(receiver);
      if (now !== undefined && now > before) break;
    }
    this.#end(mid, watch);
  }

  #end(mid: string, watch: object): void {
    if (this.#underWay.get(mid) !== watch) return;
    this.#underWay.delete(mid);
    this.#onOver();
  }
}

/** Decoded so far; undefined in browsers that do not count them. */
async function keyFramesOf(receiver: Receiver): Promise<number | undefined> {
  for (const report of (await receiver.getStats()).values()) {
    if (report.type !== 'inbound-rtp') continue;
    return typeof report.keyFramesDecoded === 'number' ? report.keyFramesDecoded : undefined;
  }
  return undefined;
}
