/**
 * How much others are told on their bridge channels of what one endpoint says: in a meeting of 500 a message to all is 500
 * messages to us and to the network. Below the limits nothing is lost; a message that goes beyond goes whole, and what comes then is
 * dropped and counted until that is made up for.
 */
import { TokenBucket } from '@conclave/base';
import type { Endpoint } from './endpoint.ts';

/** Messages to single receivers, per second and at once, that one endpoint causes: to 500, five a second. */
const OWN_PER_SECOND = 2500;
const OWN_BURST = 20_000;
/** And all of a conference together. The thread that has the WebSockets needs about 8 µs for each. */
const CONFERENCE_PER_SECOND = 20_000;
const CONFERENCE_BURST = 40_000;
/** So many characters more count as one more message. */
const CHARACTERS_PER_MESSAGE = 1024;

export function createOwnFanOut(nowMs: number): TokenBucket {
  return new TokenBucket(OWN_PER_SECOND, OWN_BURST, nowMs);
}

export function createConferenceFanOut(nowMs: number): TokenBucket {
  return new TokenBucket(CONFERENCE_PER_SECOND, CONFERENCE_BURST, nowMs);
}

/** Whether the endpoint may tell others something now. */
export function mayFanOut(sender: Endpoint, nowMs: number): boolean {
  return sender.fanOut.waitMs(1, nowMs) === 0 && sender.conference.fanOut.waitMs(1, nowMs) === 0;
}

/** It told `receivers` others a message of so many characters. */
export function countFanOut(
  sender: Endpoint,
  receivers: number,
  characters: number,
  nowMs: number,
): void {
  const cost = receivers * (1 + Math.floor(characters / CHARACTERS_PER_MESSAGE));
  sender.fanOut.take(cost, nowMs);
  sender.conference.fanOut.take(cost, nowMs);
}
