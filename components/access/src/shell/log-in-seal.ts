/**
 * What a log-in under way must remember, kept in the person's browser: encrypted, for ten minutes,
 * and useless in another browser. So nobody fills our memory by beginning log-ins.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '@conclave/base';
import { EncryptJWT, errors, jwtDecrypt } from 'jose';

export interface LogInUnderWay {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly returnPath: string;
  readonly isPopup: boolean;
}

const LOG_IN_LIFETIME_S = 600;
const ENCRYPTION = { alg: 'dir', enc: 'A256GCM' } as const;

export class LogInSeal {
  readonly #clock: Clock;
  readonly #key: Uint8Array;

  constructor(clock: Clock, secret: string) {
    this.#clock = clock;
    // Another purpose than signing sessions, so another key.
    this.#key = createHash('sha256').update(`log-in under way\0${secret}`).digest();
  }

  seal(logIn: LogInUnderWay): Promise<string> {
    const nowS = Math.floor(this.#clock.wallMs() / 1000);
    return new EncryptJWT({ ...logIn })
      .setProtectedHeader(ENCRYPTION)
      .setExpirationTime(nowS + LOG_IN_LIFETIME_S)
      .encrypt(this.#key);
  }

  /** Undefined: not ours, changed, or too old. */
  async open(sealed: string): Promise<LogInUnderWay | undefined> {
    try {
      const { payload } = await jwtDecrypt(sealed, this.#key, {
        currentDate: new Date(this.#clock.wallMs()),
        keyManagementAlgorithms: [ENCRYPTION.alg],
        contentEncryptionAlgorithms: [ENCRYPTION.enc],
      });
      const { state, nonce, codeVerifier, returnPath, isPopup } = payload;
      return {
        state: String(state),
        nonce: String(nonce),
        codeVerifier: String(codeVerifier),
        returnPath: String(returnPath),
        isPopup: isPopup === true,
      };
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  }
}
