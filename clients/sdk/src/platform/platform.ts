/** What the signalling half of the SDK needs from its surroundings; a test brings its own. */

import type { Clock, Logger, RandomSource, Timers } from '@conclave/base';
import type { SubtleCryptoLike } from '../xmpp/scram.ts';

export interface Socket {
  send(text: string): void;
  /** No events come after this. */
  close(): void;
}

export interface SocketEvents {
  onOpen(): void;
  onText(text: string): void;
  /** Once, also when the connection never opened. */
  onClose(): void;
}

export interface Platform {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: RandomSource;
  readonly logger: Logger;
  /** @param protocol subprotocol to ask for, or undefined for none */
  openSocket(url: string, protocol: string | undefined, events: SocketEvents): Socket;
  /** WebCrypto, for logging in with a password. */
  readonly subtle: SubtleCryptoLike;
  /** SHA-1 digest of the UTF-8 text, base64 (entity capabilities, XEP-0115). */
  sha1Base64(text: string): Promise<string>;
}
