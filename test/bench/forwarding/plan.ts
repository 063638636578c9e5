/**
 * What a run of the forwarding benchmarks consists of, agreed by the load generator, our bridge and the
 * baselines: conferences of one member who sends and N others, or of N + 1 who all send, with fixed keys and addresses.
 *
 * Members of the first conference are looked at by the load generator (address 127.2.x.y, one socket);
 * all others are a socket that is only emptied (127.3.x.y). Who sends does so from a socket of its own.
 */
import { Buffer } from 'node:buffer';

export const ADDRESS_BYTES = 20;
/** Master key 16, salt 12 or 14. */
export const KEY_BYTES = 30;
export const PAYLOAD_TYPE = 100;
export const TRANSPORT_CC_ID = 5;
export const FIRST_SSRC = 0x10_0000;
export const AUDIO_PAYLOAD_TYPE = 111;
export const AUDIO_LEVEL_ID = 1;
export const FIRST_AUDIO_SSRC = 0x30_0000;

export type Profile = 'AEAD_AES_128_GCM' | 'AES128_CM_HMAC_SHA1_80';

export interface Plan {
  readonly conferences: number;
  /** Each packet goes to so many; a conference has one member more. */
  readonly receivers: number;
  /** Members of each conference that send: 1, or all. */
  readonly senders: number;
  /** Of each who sends; 0 for none. */
  readonly videoBps: number;
  readonly hasAudio: boolean;
  readonly profile: Profile;
  /** Ports of the senders' sockets, conference by conference. */
  readonly senderPorts: readonly number[];
  readonly checkedPort: number;
  readonly sinkPort: number;
}

function ipv4(port: number, a: number, b: number, c: number, d: number): Uint8Array {
  const address = new Uint8Array(ADDRESS_BYTES);
  address.set([4, 0, port >> 8, port & 0xff, a, b, c, d]);
  return address;
}

/** Where a member is sent to. */
export function memberAddress(plan: Plan, conference: number, member: number): Uint8Array {
  if (conference === 0) return ipv4(plan.checkedPort, 127, 2, member >> 8, member & 0xff);
  const index = (conference - 1) * (plan.receivers + 1) + member;
  return ipv4(plan.sinkPort, 127, 3, index >> 8, index & 0xff);
}

/** Where a member that sends does so. */
export function senderAddress(plan: Plan, conference: number, member: number): Uint8Array {
  return ipv4(plan.senderPorts[conference * plan.senders + member] ?? 0, 127, 0, 0, 1);
}

export function memberKey(conference: number, member: number): Uint8Array {
  let state = ((conference << 12) | member) + 0x9e3779b9;
  return Uint8Array.from({ length: KEY_BYTES }, () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x297a2d39) | 0;
    return (state >>> 16) & 0xff;
  });
}

/** All members, conference by conference, as the C code wants them. */
export function memberTables(plan: Plan): {
  readonly addresses: Uint8Array;
  readonly keys: Uint8Array;
} {
  const addresses: Uint8Array[] = [];
  const keys: Uint8Array[] = [];
  for (let conference = 0; conference < plan.conferences; conference++) {
    for (let member = 0; member <= plan.receivers; member++) {
      addresses.push(memberAddress(plan, conference, member));
      keys.push(memberKey(conference, member));
    }
  }
  return { addresses: Buffer.concat(addresses), keys: Buffer.concat(keys) };
}

export function saltBytes(profile: Profile): number {
  return profile === 'AEAD_AES_128_GCM' ? 12 : 14;
}
