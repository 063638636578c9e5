/**
 * A line whose SSRC changed hands goes on showing the former owner for a moment: pictures are on their way, or wait in the
 * browser. Nobody shall be shown as somebody else, so the new owner's picture counts from its first key frame on; or from
 * any picture that comes when those of the former owner must be through, in case its key frame came before we looked.
 */
import type { TimerHandle, Timers } from '@conclave/base';

const LOOK_EVERY_MS = 50;
/** The bridge sends nothing of the former owner any more: what is decoded after so long is the new one's. */
const FORMER_IS_THROUGH_MS = 500;
/** Somebody who sends nothing at the moment is looked for less often. */
const PATIENT_EVERY_MS = 250;

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
    const first = await countsOf(receiver);
    let last = first;
    let waitedMs = 0;
    while (last !== undefined && first !== undefined) {
      const everyMs = waitedMs < FORMER_IS_THROUGH_MS ? LOOK_EVERY_MS : PATIENT_EVERY_MS;
      await new Promise<void>((resolve) => {
        watch.timer = this.#timers.schedule(everyMs, resolve);
      });
      const isFormerThrough = waitedMs >= FORMER_IS_THROUGH_MS;
      waitedMs += everyMs;
      if (this.#underWay.get(mid) !== watch) return;
      const now = await countsOf(receiver);
      if (now === undefined || now.keyFrames > first.keyFrames) break;
      if (isFormerThrough && now.frames > last.frames) break;
      last = now;
    }
    this.#end(mid, watch);
  }

  #end(mid: string, watch: object): void {
    if (this.#underWay.get(mid) !== watch) return;
    this.#underWay.delete(mid);
    this.#onOver();
  }
}

/** Decoded so far; undefined in browsers that do not count. */
async function countsOf(
  receiver: Receiver,
): Promise<{ readonly frames: number; readonly keyFrames: number } | undefined> {
  for (const report of (await receiver.getStats()).values()) {
    if (report.type !== 'inbound-rtp') continue;
    const { framesDecoded: frames, keyFramesDecoded: keyFrames = 0 } = report;
    return typeof frames === 'number' ? { frames, keyFrames: Number(keyFrames) } : undefined;
  }
  return undefined;
}
