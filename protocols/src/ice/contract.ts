/**
 * What goes into and comes out of an `IceAgent`: options, remote candidates, outputs, counters.
 * Addresses are records of `ADDRESS_BYTES` (see `address.ts`), compared by bytes.
 */

/** `ice-ufrag` and `ice-pwd` of one side (RFC 8839 §5.4). */
export interface IceCredentials {
  /** 4..256 ice-chars. */
  readonly ufrag: string;
  /** 22..256 ice-chars. */
  readonly password: string;
}

export type IceCandidateType = 'host' | 'srflx' | 'prflx' | 'relay';

export type IceRole = 'controlling' | 'controlled';

/** A candidate the other side signalled; a subset of Jingle's and COLIBRI's candidate objects. */
export interface IceRemoteCandidate {
  /** 1 for RTP; others are ignored, as we have RTCP multiplexing only. */
  readonly component: number;
  /** Only `udp` is used. */
  readonly protocol: string;
  readonly priority: number;
  /** An IPv4 or IPv6 literal; names (mDNS) are ignored, never resolved. */
  readonly address: string;
  readonly port: number;
  readonly type: IceCandidateType;
}

export interface IceAgentOptions {
  readonly local: IceCredentials;
  /** Default `controlling`: a bridge cannot say ice-lite, so the browser leaves nomination to us. */
  readonly role?: IceRole;
  /** Wait between two new checks (Ta, RFC 8445 §14.2), default 50. */
  readonly checkIntervalMs?: number;
  /** First retransmission of a check, doubled each time (RFC 8445 §14.3), default 500. */
  readonly retransmissionMs?: number;
  /** Transmissions of one check (Rc, RFC 8489 §6.2.1), default 7. */
  readonly maxTransmissions?: number;
  /** How long a relayed pair waits for a better one before it is nominated, default 500. */
  readonly relayedWaitMs?: number;
  /** Mean interval between consent checks, +-20 % (RFC 7675 §5.1), default 5000. */
  readonly consentIntervalMs?: number;
  /** Retransmission interval of a consent check, default 500. */
  readonly consentRetransmissionMs?: number;
  /** Transmissions of one consent check before the pair counts as broken, default 5. */
  readonly consentMaxTransmissions?: number;
  /** Without consent for so long the agent fails (RFC 7675 §5.1), default 30000. */
  readonly consentTimeoutMs?: number;
  /** Never connected for so long, from creation: the agent fails. Default 120000. */
  readonly connectTimeoutMs?: number;
  /** Signalled candidates used at most, default 20. */
  readonly maxRemoteCandidates?: number;
  /** Pairs (remote addresses) held at most, signalled and peer-reflexive together, default 32. */
  readonly maxPairs?: number;
  /**
   * STUN messages per second that are looked at (token bucket, burst of one second), default 100; once for
   * addresses with a pair and once for all others together, so that strangers cannot starve the client.
   */
  readonly maxMessagesPerSecond?: number;
  /** First byte of our transaction ids, 0..255, when an answer must tell which of several sockets asked; default random. */
  readonly transactionByte?: number;
  /** Whether checks may be sent to this address record (policy against private networks); default all unicast. */
  readonly canCheck?: (address: Uint8Array) => boolean;
}

/**
 * - `new`: waits for the other side's credentials; checks are answered already.
 * - `checking`: sends checks.
 * - `connected`: has a selected pair with consent.
 * - `disconnected`: the selected pair does not answer; still tried, media may still be sent.
 * - `failed`: gave up; final.
 */
export type IceState = 'new' | 'checking' | 'connected' | 'disconnected' | 'failed';

export type IceOutput =
  /** Send this datagram. The packet belongs to the receiver of the output. */
  | { readonly type: 'send'; readonly address: Uint8Array; readonly packet: Uint8Array }
  /** First valid pair: bind this address and start DTLS. Happens once. */
  | { readonly type: 'connected'; readonly address: Uint8Array }
  /**
   * An authenticated check came from here: the client may send DTLS from this address at any moment, so
   * accept packets from it. The path back is not proven yet: an address of somebody else must stay
   * theirs (`allowAddress` of packet-io sees to that). Once per pair.
   */
  | { readonly type: 'addressAllowed'; readonly address: Uint8Array }
  /** Another pair was selected (better, or the client moved): send there from now on. */
  | { readonly type: 'addressChanged'; readonly address: Uint8Array }
  /** The selected pair stopped answering, or answers again. For logs and connection status. */
  | { readonly type: 'disconnected' }
  | { readonly type: 'reconnected' }
  /** Final: no pair was found in time, or consent was lost for `consentTimeoutMs`. */
  | { readonly type: 'failed'; readonly reason: 'connect-timeout' | 'consent-expired' };

/** Totals since creation; each message counts once. */
export interface IceCounters {
  /** Authenticated requests that were answered. */
  readonly requestsAnswered: number;
  /** Authenticated responses to our checks. */
  readonly responsesAccepted: number;
  readonly indications: number;
  /** Checks sent, with retransmissions. */
  readonly checksSent: number;
  readonly roleConflicts: number;
  /** Not STUN, broken, or without a correct FINGERPRINT. */
  readonly droppedMalformed: number;
  /** USERNAME is not for this agent, or of other remote credentials. */
  readonly droppedUsername: number;
  /** MESSAGE-INTEGRITY missing or wrong. */
  readonly droppedIntegrity: number;
  /** Responses to no check of ours, or from another address than the check went to. */
  readonly droppedUnmatched: number;
  readonly droppedRate: number;
  /** New addresses beyond `maxPairs`, or refused by `canCheck`. */
  readonly droppedPairs: number;
  /** Valid requests refused with error 420 (attributes we must but do not know). */
  readonly requestsRefused: number;
  /** Messages after `failed`. */
  readonly droppedFailed: number;
  /** Candidates that were not used: too many, names, other transports, ports below 1024. */
  readonly ignoredCandidates: number;
}
