/**
 * How long voices take from one member to another: what people notice of a bridge that does something else. Each packet says who sent it
 * and which it is; both ends are in one process, and arrivals are the kernel's times, so that a slow process of members adds nothing.
 */
import { performance } from 'node:perf_hooks';

/** Packets of a voice whose times are remembered; a power of two. */
const REMEMBERED = 512;
/** Longer ways than that are all in the last bucket of a millisecond. */
const MAX_MS = 2000;
export const VOICE_STAMP_BYTES = 4;

export interface VoiceWays {
  readonly packets: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
}

const sentMs: Float64Array[] = [];
const ways = new Uint32Array(MAX_MS + 1);

/** Writes into the payload what `voiceReceived` reads; call just before it is sent. */
export function stampVoice(bytes: Uint8Array, at: number, member: number, packet: number): void {
  bytes[at] = member >> 8;
  bytes[at + 1] = member & 0xff;
  bytes[at + 2] = packet >> 8;
  bytes[at + 3] = packet & 0xff;
  sentMs[member] ??= new Float64Array(REMEMBERED);
  sentMs[member][packet & (REMEMBERED - 1)] = performance.now();
}

export function voiceReceived(bytes: Uint8Array, at: number, arrivalMs: number): void {
  const member = (bytes[at]! << 8) | bytes[at + 1]!;
  const packet = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  const atMs = sentMs[member]?.[packet & (REMEMBERED - 1)];
  if (atMs === undefined) return;
  const ms = Math.min(MAX_MS, Math.max(0, Math.floor(arrivalMs - atMs)));
  ways[ms] = ways[ms]! + 1;
}

/** Since it was called last; in whole milliseconds, rounded down. */
export function takeVoiceWays(): VoiceWays {
  const packets = ways.reduce((sum, count) => sum + count, 0);
  const below = (part: number) => {
    let left = packets * part;
    for (let ms = 0; ms <= MAX_MS; ms++) {
      left -= ways[ms]!;
      if (left <= 0) return ms;
    }
    return MAX_MS;
  };
  const taken = { packets, p50Ms: below(0.5), p99Ms: below(0.99), longestMs: below(1) };
  ways.fill(0);
  return taken;
}
