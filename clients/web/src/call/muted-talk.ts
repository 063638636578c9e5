/** Notices that somebody speaks whose microphone is off, and says it once in a while. */

/** Of what can be heard, 0..1: a voice before the microphone, not the room. */
const VOICE_LEVEL = 0.45;
/** Measured ten times a second. */
const REMEMBERED = 12;
/** A cough is shorter. */
const ENOUGH = 8;
const SAID_AGAIN_MS = 60_000;

export class MutedTalk {
  readonly #loud: boolean[] = [];
  #saidMs = Number.NEGATIVE_INFINITY;

  /** @param level 0..1 @returns whether to say it now */
  handleLevel(level: number, nowMs: number): boolean {
    this.#loud.push(level >= VOICE_LEVEL);
    if (this.#loud.length > REMEMBERED) this.#loud.shift();
    const talks = this.#loud.filter(Boolean).length >= ENOUGH;
    if (!talks || nowMs - this.#saidMs < SAID_AGAIN_MS) return false;
    this.#saidMs = nowMs;
    return true;
  }
}
