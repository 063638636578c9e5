/**
 * When a packet was sent, as a header extension of three bytes: seconds modulo 64, of which 18 bits are the fraction
 * (http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time).
 */

export const ABSOLUTE_SEND_TIME_URI = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time';

const UNITS_PER_MS = 2 ** 18 / 1000;
const MASK = 0xff_ffff;

/** The field's 24 bits for `nowMs`, on a clock of any beginning. */
export function absoluteSendTime(nowMs: number): number {
  return Math.floor(nowMs * UNITS_PER_MS) % (MASK + 1);
}

/** Turns the fields of one sender's packets into milliseconds that do not wrap; packets may overtake each other by up to 32 s. */
export class SendTimeReader {
  #last = -1;
  #units = 0;

  /** `field`: 24 bits. On a clock of its own, but never negative. */
  read(field: number): number {
    if (this.#last < 0) this.#units = MASK + 1 + field;
    else this.#units += ((field - this.#last) << 8) >> 8;
    this.#last = field;
    return this.#units / UNITS_PER_MS;
  }
}
