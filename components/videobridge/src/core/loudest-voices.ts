/**
 * Who is among the few loudest of a conference, when only those are forwarded: in a large one nobody can
 * tell more voices apart, and each costs every receiver the same. Levels are RFC 6464's.
 *
 * Sans-I/O. Jitsi's bridge does the same with the same smoothing; DEVIATION: who is in stays until somebody is
 * clearly louder, so that two of the same loudness do not take turns.
 */

const SMOOTHING = 0.5;
/** Who has not been heard for so long makes room. */
const IDLE_MS = 150;
/** A newcomer must be louder by this, in dB. */
const MARGIN_DB = 3;

interface Voice {
  readonly id: string;
  /** 0 silence .. 127 loudest, smoothed. */
  loudness: number;
  lastMs: number;
}

export class LoudestVoices {
  readonly #count: number;
  readonly #voices = new Map<string, Voice>();
  readonly #admitted: Voice[] = [];

  /** `count` voices at most; 0 for no limit. */
  constructor(count: number) {
    this.#count = count;
  }

  /** A packet of `id` with this level, 0 loudest .. 127 silence: whether it goes on. */
  admits(id: string, level: number, nowMs: number): boolean {
    if (this.#count === 0) return true;
    let voice = this.#voices.get(id);
    if (voice === undefined) {
      voice = { id, loudness: 0, lastMs: nowMs };
      this.#voices.set(id, voice);
    }
    voice.loudness += SMOOTHING * (127 - level - voice.loudness);
    voice.lastMs = nowMs;
    if (this.#admitted.includes(voice)) return true;
    const place = this.#placeFor(voice, nowMs);
    if (place < 0) return false;
    this.#admitted[place] = voice;
    return true;
  }

  /** Whether `id` was admitted last; everybody when there is no limit. */
  has(id: string): boolean {
    return this.#count === 0 || this.#admitted.some((voice) => voice.id === id);
  }

  /** Whether the voice of `id` is to be given up for that of `other` where there is a place for only one of them. */
  givesWay(id: string, other: string, nowMs: number): boolean {
    const voice = this.#voices.get(id);
    if (voice === undefined || !this.#admitted.includes(voice)) return true;
    if (nowMs - voice.lastMs > IDLE_MS) return true;
    const louder = this.#voices.get(other);
    return louder === undefined || louder.loudness > voice.loudness + MARGIN_DB;
  }

  remove(id: string): void {
    this.#voices.delete(id);
    const place = this.#admitted.findIndex((voice) => voice.id === id);
    if (place >= 0) this.#admitted.splice(place, 1);
  }

  /** A free place, that of one who fell silent, or of the quietest if `voice` is clearly louder; else -1. */
  #placeFor(voice: Voice, nowMs: number): number {
    if (this.#admitted.length < this.#count) return this.#admitted.length;
    let quietest = 0;
    for (let i = 0; i < this.#admitted.length; i++) {
      const other = this.#admitted[i]!;
      if (nowMs - other.lastMs > IDLE_MS) return i;
      if (other.loudness < this.#admitted[quietest]!.loudness) quietest = i;
    }
    return voice.loudness > this.#admitted[quietest]!.loudness + MARGIN_DB ? quietest : -1;
  }
}
