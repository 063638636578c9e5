/** The production source of randomness: the operating system's generator, through node:crypto. */
import { randomFillSync } from 'node:crypto';
import type { RandomSource } from '@conclave/base';

/** Cryptographically secure; never blocks once the system is up. */
export const systemRandom: RandomSource = {
  bytes: (length) => randomFillSync(new Uint8Array(length)),
};
