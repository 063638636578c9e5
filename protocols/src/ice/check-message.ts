/** The STUN messages of connectivity checks (RFC 8445 §7.1, §7.3). */
import {
  ErrorCode,
  IceControlled,
  IceControlling,
  Priority,
  STUN_BINDING,
  type StunAddress,
  type StunCrypto,
  type StunError,
  StunWriter,
  UnknownAttributes,
  UseCandidate,
  Username,
  XorMappedAddress,
} from '../stun/index.ts';
import { addressPort } from './address.ts';
import { candidatePriority } from './candidate.ts';
import type { IceRole } from './contract.ts';

/** What a peer-reflexive candidate of ours would have (RFC 8445 §7.1.1). */
const CHECK_PRIORITY = candidatePriority('prflx', 65_535);

export interface CheckRequest {
  readonly transactionId: Uint8Array;
  /** `<remote ufrag>:<local ufrag>` */
  readonly username: string;
  readonly role: IceRole;
  /** 8 bytes. */
  readonly tieBreaker: Uint8Array;
  readonly nominates: boolean;
}

/** A check, signed with the remote password. */
export function writeCheckRequest(
  check: CheckRequest,
  key: Uint8Array,
  crypto: StunCrypto,
): Uint8Array {
  const writer = new StunWriter('request', STUN_BINDING, check.transactionId)
    .add(Username, check.username)
    .add(Priority, CHECK_PRIORITY)
    .add(check.role === 'controlling' ? IceControlling : IceControlled, check.tieBreaker);
  if (check.nominates) writer.add(UseCandidate, true);
  return writer.finish({ key, crypto });
}

/** The answer to a good check, signed with the local password. */
export function writeCheckSuccess(
  transactionId: Uint8Array,
  address: Uint8Array,
  key: Uint8Array,
  crypto: StunCrypto,
): Uint8Array {
  return new StunWriter('success', STUN_BINDING, transactionId)
    .add(XorMappedAddress, stunAddress(address))
    .finish({ key, crypto });
}

/** The refusal of an authenticated check, signed with the local password. */
export function writeCheckError(
  transactionId: Uint8Array,
  error: StunError,
  unknown: readonly number[],
  key: Uint8Array,
  crypto: StunCrypto,
): Uint8Array {
  const writer = new StunWriter('error', STUN_BINDING, transactionId).add(ErrorCode, error);
  if (unknown.length > 0) writer.add(UnknownAttributes, unknown);
  return writer.finish({ key, crypto });
}

/** An address record in STUN's form. */
export function stunAddress(address: Uint8Array): StunAddress {
  const family = address[0] === 4 ? 4 : 6;
  return {
    family,
    port: addressPort(address),
    bytes: address.subarray(4, family === 4 ? 8 : 20),
  };
}
