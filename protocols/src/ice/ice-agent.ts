/** The bridge's end of ICE (RFC 8445). Signatures first; the body follows. */
import type { RandomSource } from '@conclave/base';
import type { StunCrypto } from '../stun/crypto.ts';
import type {
  IceAgentOptions,
  IceCounters,
  IceCredentials,
  IceOutput,
  IceRemoteCandidate,
  IceState,
} from './contract.ts';

export interface IceAgentDependencies {
  readonly crypto: StunCrypto;
  readonly random: RandomSource;
}

/** One input, then drain `pollOutput`, then the next input; call `handleTimeout` at `nextTimeoutMs`. */
export interface IceAgentApi {
  readonly localUfrag: string;
  readonly localPassword: string;
  readonly state: IceState;
  /** Where media goes now; undefined before `connected`. */
  readonly selectedAddress: Uint8Array | undefined;
  /** Smoothed round-trip time of checks on the selected pair. */
  readonly rttMs: number | undefined;
  readonly counters: Readonly<IceCounters>;
  readonly nextTimeoutMs: number | undefined;
  setRemoteCredentials(remote: IceCredentials, nowMs: number): void;
  addRemoteCandidates(candidates: readonly IceRemoteCandidate[], nowMs: number): void;
  /** `message` and `remoteAddress` are only read during the call. Never throws. */
  handleStun(message: Uint8Array, remoteAddress: Uint8Array, nowMs: number): void;
  handleTimeout(nowMs: number): void;
  pollOutput(): IceOutput | undefined;
}

/** `new IceAgent(dependencies, options, nowMs)` */
export type IceAgentConstructor = new (
  dependencies: IceAgentDependencies,
  options: IceAgentOptions,
  nowMs: number,
) => IceAgentApi;
