/** Which way of logging in is taken of those that the server offers, and what is said in it (RFC 6120 §6, RFC 4616). */
import { type RandomSource, randomToken } from '@conclave/base';
import { Scram, type ScramHash, type SubtleCryptoLike } from './scram.ts';

/** An account of the server. */
export interface Credentials {
  /** With or without `@domain`. */
  readonly user: string;
  readonly password: string;
}

export interface SaslExchange {
  readonly mechanism: string;
  /** With the choice of mechanism; undefined sends nothing. */
  readonly initial: string | undefined;
  /** Answers a challenge; rejects when it makes no sense. */
  respond(challenge: string): Promise<string>;
  /** Whether the server has proved what this mechanism makes it prove. */
  accepts(success: string): boolean;
}

const SCRAM: readonly (readonly [mechanism: string, hash: ScramHash])[] = [
  ['SCRAM-SHA-256', 'SHA-256'],
  ['SCRAM-SHA-1', 'SHA-1'],
];

/** @returns undefined when the server offers nothing that we can do */
export function chooseSasl(
  offered: readonly string[],
  credentials: Credentials | undefined,
  subtle: SubtleCryptoLike,
  random: RandomSource,
): SaslExchange | undefined {
  if (credentials === undefined) return offered.includes('ANONYMOUS') ? ANONYMOUS : undefined;
  const user = credentials.user.split('@')[0] ?? '';
  for (const [mechanism, hash] of SCRAM) {
    if (!offered.includes(mechanism)) continue;
    const { password } = credentials;
    const scram = new Scram(subtle, { hash, user, password, nonce: randomToken(random, 24) });
    return {
      mechanism,
      initial: scram.clientFirst,
      respond: (challenge) => scram.respond(challenge),
      accepts: (success) => scram.isGenuine(success),
    };
  }
  if (!offered.includes('PLAIN')) return undefined;
  return { ...ANONYMOUS, mechanism: 'PLAIN', initial: `\0${user}\0${credentials.password}` };
}

const ANONYMOUS: SaslExchange = {
  mechanism: 'ANONYMOUS',
  initial: undefined,
  respond: () => Promise.reject(new Error('nothing was to be asked')),
  accepts: () => true,
};
