/**
 * Who is speaking: I. Volfin and I. Cohen, "Dominant Speaker Identification for Multipoint
 * Videoconferencing" (IEEE 27th Convention of Electrical and Electronics Engineers in Israel, 2012),
 * with the constants that Jitsi uses.
 *
 * Sans-I/O: audio levels and time go in, a change of the dominant speaker comes out. Levels are
 * judged over three spans: immediate (one level, 20 ms), medium (100 ms) and long (1 s).
 */

/** Levels kept per speaker: ten mediums of five. */
const LEVELS = 50;
const LEVELS_PER_MEDIUM = 5;
const MEDIUMS = 10;
/** Bands of an immediate value: 127 / 10. */
const BANDS = 13;
const BAND_WIDTH = 10;
/** Immediates above this count for the medium value, mediums above the other for the long value. */
const MEDIUM_THRESHOLD = 7;
const LONG_THRESHOLD = 4;
/** Levels less than this above the speaker's noise floor count as silence. */
const FLOOR_MARGIN = 10;
/** The noise floor is raised after so many levels (15 s). */
const FLOOR_WINDOW = 750;
const DECISION_INTERVAL_MS = 300;
/** Without a level for so long a speaker gets a 0. */
const LEVEL_IDLE_MS = 40;
const SPEAKER_IDLE_MS = 3_600_000;
const MIN_SCORE = 1e-10;
/** A challenger must exceed these: logarithms of the score ratios of the three spans. */
const C1 = 3;
const C2 = 2;
const C3 = 0;

const IMMEDIATE_SCORES = scores(BANDS, 0.78);
const MEDIUM_SCORES = scores(LEVELS_PER_MEDIUM, 24);
const LONG_SCORES = scores(MEDIUMS, 47);

class Speaker {
  readonly id: string;
  /** Ring of levels, newest at `#newest`. */
  readonly #levels = new Uint8Array(LEVELS);
  #newest = 0;
  #lastLevelMs: number;
  lastSpokenMs: number;
  #floor = 0;
  #nextFloor = 0;
  #floorCount = 0;
  immediateScore = MIN_SCORE;
  mediumScore = MIN_SCORE;
  longScore = MIN_SCORE;

  constructor(id: string, nowMs: number) {
    this.id = id;
    this.#lastLevelMs = nowMs;
    this.lastSpokenMs = nowMs;
  }

  /** 0 silence .. 127 loudest. */
  handleLevel(level: number, nowMs: number): void {
    this.#push(level);
    this.#lastLevelMs = nowMs;
    if (level > 0) this.lastSpokenMs = nowMs;
    this.#trackFloor(level);
  }

  handleSilence(nowMs: number): void {
    if (nowMs - this.#lastLevelMs < LEVEL_IDLE_MS) return;
    this.#push(0);
  }

  evaluate(): void {
    const threshold = this.#floor + FLOOR_MARGIN;
    let long = 0;
    let newestMedium = 0;
    for (let medium = 0; medium < MEDIUMS; medium++) {
      let count = 0;
      for (let i = 0; i < LEVELS_PER_MEDIUM; i++) {
        const level = this.#levels[this.#at(medium * LEVELS_PER_MEDIUM + i)]!;
        const immediate = level < threshold ? 0 : Math.floor(level / BAND_WIDTH);
        if (immediate > MEDIUM_THRESHOLD) count++;
      }
      if (medium === 0) newestMedium = count;
      if (count > LONG_THRESHOLD) long++;
    }
    const newest = this.#levels[this.#newest]!;
    const immediate = newest < threshold ? 0 : Math.floor(newest / BAND_WIDTH);
    this.immediateScore = IMMEDIATE_SCORES[immediate]!;
    this.mediumScore = MEDIUM_SCORES[newestMedium]!;
    this.longScore = LONG_SCORES[long]!;
  }

  #push(level: number): void {
    this.#newest = (this.#newest + LEVELS - 1) % LEVELS;
    this.#levels[this.#newest] = level;
  }

  #at(age: number): number {
    return (this.#newest + age) % LEVELS;
  }

  /** The lowest level is the noise floor; it rises when nothing came near it for a window. */
  #trackFloor(level: number): void {
    if (level === 0) return;
    if (this.#floor === 0 || level < this.#floor) {
      this.#floor = level;
      this.#nextFloor = 0;
      this.#floorCount = 0;
      return;
    }
    if (this.#nextFloor === 0 || level < this.#nextFloor) this.#nextFloor = level;
    if (++this.#floorCount < FLOOR_WINDOW) return;
    // Half way (as a ratio) from the old floor to the lowest level of the window.
    this.#floor = Math.min(this.#nextFloor, Math.sqrt(this.#floor * this.#nextFloor));
    this.#nextFloor = 0;
    this.#floorCount = 0;
  }
}

export class DominantSpeaker {
  readonly #speakers = new Map<string, Speaker>();
  #dominant: string | undefined;
  #nextDecisionMs = 0;
  #lastSilenceMs = 0;

  get dominantId(): string | undefined {
    return this.#dominant;
  }

  /** A packet of `id` with this RFC 6464 level: 0 loudest .. 127 silence. */
  handleLevel(id: string, rfc6464Level: number, nowMs: number): void {
    let speaker = this.#speakers.get(id);
    if (speaker === undefined) {
      speaker = new Speaker(id, nowMs);
      this.#speakers.set(id, speaker);
    }
    speaker.handleLevel(127 - rfc6464Level, nowMs);
  }

  /** Call about every 20 ms. The new dominant speaker when it changed. */
  handleTick(nowMs: number): string | undefined {
    if (this.#speakers.size === 0) return undefined;
    if (nowMs - this.#lastSilenceMs >= LEVEL_IDLE_MS / 2) {
      this.#lastSilenceMs = nowMs;
      for (const speaker of this.#speakers.values()) speaker.handleSilence(nowMs);
    }
    if (nowMs < this.#nextDecisionMs) return undefined;
    this.#nextDecisionMs = nowMs + DECISION_INTERVAL_MS;
    return this.#decide(nowMs);
  }

  /** The speaker left. */
  remove(id: string): void {
    this.#speakers.delete(id);
    if (this.#dominant === id) this.#dominant = undefined;
  }

  #decide(nowMs: number): string | undefined {
    for (const speaker of this.#speakers.values()) {
      if (nowMs - speaker.lastSpokenMs > SPEAKER_IDLE_MS && speaker.id !== this.#dominant) {
        this.#speakers.delete(speaker.id);
      } else speaker.evaluate();
    }
    const dominant = this.#dominant === undefined ? undefined : this.#speakers.get(this.#dominant);
    let winner: string | undefined;
    if (dominant === undefined) {
      winner = this.#first();
    } else {
      let best = C2;
      for (const speaker of this.#speakers.values()) {
        if (speaker === dominant) continue;
        const c1 = Math.log(speaker.immediateScore / dominant.immediateScore);
        const c2 = Math.log(speaker.mediumScore / dominant.mediumScore);
        const c3 = Math.log(speaker.longScore / dominant.longScore);
        if (c1 > C1 && c2 > C2 && c3 > C3 && c2 > best) {
          best = c2;
          winner = speaker.id;
        }
      }
    }
    if (winner === undefined || winner === this.#dominant) return undefined;
    this.#dominant = winner;
    return winner;
  }

  /** With nobody dominant: who scores best over the medium span, the first of equals. */
  #first(): string | undefined {
    let best: Speaker | undefined;
    for (const speaker of this.#speakers.values()) {
      if (best === undefined || speaker.mediumScore > best.mediumScore) best = speaker;
    }
    return best?.id;
  }
}

/** Scores of 0..n: ln C(n,v) + v ln p + (n-v) ln(1-p) - ln lambda + lambda v, with p = 1/2. */
function scores(n: number, lambda: number): Float64Array {
  const out = new Float64Array(n + 1);
  let logChoose = 0;
  for (let v = 0; v <= n; v++) {
    if (v > 0) logChoose += Math.log((n - v + 1) / v);
    const score = logChoose + n * Math.log(0.5) - Math.log(lambda) + lambda * v;
    out[v] = Math.max(score, MIN_SCORE);
  }
  return out;
}
