/**
 * Passwords of the accounts of this server. What is unknown is checked like what is known, with keys
 * made up from a secret: neither the answer nor its time tells which names exist.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { normaliseAccountName } from '../core/account-name.ts';
import type { PasswordCheck, PasswordHolder, PasswordVerdict } from '../core/password-check.ts';
import type { ScramKeys, ScramMechanism } from '../core/scram-exchange.ts';
import type { Account, AccountKeys, AccountStore } from './account-store.ts';
import type { Derivations } from './derivations.ts';
import {
  COSTS,
  derivationOf,
  hashesOf,
  newSalt,
  SALT_BYTES,
  scramKeysFrom,
} from './password-keys.ts';

/** Of a password; more is refused before anything is computed. */
export const MAX_PASSWORD_LENGTH = 256;
export const MIN_PASSWORD_LENGTH = 8;

const BUSY: PasswordVerdict = { type: 'unavailable', reason: 'too many log-ins at a time' };

export class Accounts implements PasswordCheck {
  readonly #store: AccountStore;
  readonly #derivations: Derivations;
  /** For keys of accounts that do not exist. */
  readonly #secret: string;

  constructor(store: AccountStore, derivations: Derivations, secret: string) {
    this.#store = store;
    this.#derivations = derivations;
    this.#secret = secret;
  }

  async verifyPassword(user: string, password: string, address = ''): Promise<PasswordVerdict> {
    if (password.length > MAX_PASSWORD_LENGTH) return { type: 'refused' };
    // Before anything is looked up: a flood must cost next to nothing.
    if (!this.#derivations.hasRoomFor(address)) return BUSY;
    const mechanism = 'SCRAM-SHA-256';
    const name = normaliseAccountName(user) ?? '';
    const keys = this.scramKeys(name, mechanism);
    const { salt, iterations } = keys;
    const request = derivationOf(mechanism, password, salt, iterations);
    const derived = await this.#derivations.run(request, address);
    if (derived === undefined) return BUSY;
    const { storedKey } = scramKeysFrom(mechanism, derived, salt, iterations);
    const isRight = timingSafeEqual(storedKey, keys.storedKey);
    // Asked again: the account may have been disabled meanwhile.
    const holder = this.holderOf(name);
    return isRight && holder !== undefined ? { type: 'accepted', ...holder } : { type: 'refused' };
  }

  /**
   * Keys for the exchange; of an unknown or disabled account such as nobody can prove to know. The same
   * work is done for all.
   */
  scramKeys(name: string, mechanism: ScramMechanism): ScramKeys {
    const made = (purpose: string) =>
      new Uint8Array(
        createHmac('sha256', this.#secret).update(`${purpose} ${mechanism} ${name}`).digest(),
      );
    const { length, iterations } = COSTS[mechanism];
    const nobody: ScramKeys = {
      salt: made('salt').subarray(0, SALT_BYTES),
      iterations,
      storedKey: made('stored').subarray(0, length),
      serverKey: made('server').subarray(0, length),
    };
    const account = this.#store.find(name);
    const keys = this.#store.keys(name, mechanism);
    if (keys === undefined) return nobody;
    // A disabled account keeps its salt, or one could see that it was disabled.
    return account?.isDisabled === false
      ? keys
      : { ...nobody, salt: keys.salt, iterations: keys.iterations };
  }

  /** Undefined when nobody may log in under this name. */
  holderOf(name: string): PasswordHolder | undefined {
    const account = this.#store.find(name);
    return account === undefined || account.isDisabled || !account.hasPassword
      ? undefined
      : holderFrom(account);
  }

  hashes(mechanism: ScramMechanism): ReturnType<typeof hashesOf> {
    return hashesOf(mechanism);
  }
}

/** What is kept of a new password; undefined when there is no room in the queue. */
export async function keysOfPassword(
  derivations: Derivations,
  password: string,
  address: string,
): Promise<AccountKeys | undefined> {
  const make = async (mechanism: ScramMechanism) => {
    const { iterations } = COSTS[mechanism];
    const salt = newSalt();
    const request = derivationOf(mechanism, password, salt, iterations);
    const derived = await derivations.run(request, address);
    return derived && scramKeysFrom(mechanism, derived, salt, iterations);
  };
  const sha256 = await make('SCRAM-SHA-256');
  const sha1 = await make('SCRAM-SHA-1');
  return sha256 && sha1 && { 'SCRAM-SHA-256': sha256, 'SCRAM-SHA-1': sha1 };
}

export interface PasswordFault {
  readonly type: 'tooShort' | 'tooLong' | 'controlCharacter' | 'isName';
  /** In English, the part of a sentence. */
  readonly text: string;
}

/** Why a password cannot be used; undefined when it can. */
export function passwordFault(name: string, password: string): PasswordFault | undefined {
  if (password.length < MIN_PASSWORD_LENGTH) {
    return { type: 'tooShort', text: `a password has at least ${MIN_PASSWORD_LENGTH} characters` };
  }
  if (password.length > MAX_PASSWORD_LENGTH) {
    return { type: 'tooLong', text: `a password has at most ${MAX_PASSWORD_LENGTH} characters` };
  }
  if (/\p{Cc}/u.test(password)) {
    return { type: 'controlCharacter', text: 'a password has no control characters' };
  }
  if (password.toLowerCase() === name) {
    return { type: 'isName', text: 'the password is the name of the account' };
  }
  return undefined;
}

function holderFrom({ name, displayName, email }: Account): PasswordHolder {
  return {
    account: name,
    user: {
      id: name,
      name: displayName ?? name,
      ...(email !== undefined && { email }),
    },
    // Whoever has an account here may lead (docs: protocol-signaling 5.5, authenticated owners).
    isModerator: true,
  };
}
