/**
 * What a run of the forwarding benchmark consists of, agreed by the load generator, our bridge and the
 * baseline: conferences of one sender and N receivers each, with fixed keys and addresses.
 *
 * Receivers of the first conference are looked at by the load generator (address 127.2.x.y, one socket);
 * all others are a socket that is only emptied (127.3.x.y).
 */
import { Buffer } from 'node:buffer';

export const ADDRESS_BYTES = 20;
/** Master key 16, salt 12 or 14. */
export const KEY_BYTES = 30;
export const PAYLOAD_TYPE = 100;
export const TRANSPORT_CC_ID = 5;
export const FIRST_SSRC = 0x10_0000;

export type Profile = 'AEAD_AES_128_GCM' | 'AES128_CM_HMAC_SHA1_80';

export interface Plan {
  readonly conferences: number;
  readonly receivers: number;
  readonly profile: Profile;
  /** Port of the sender's socket, per conference. */
  readonly senderPorts: readonly number[];
  readonly checkedPort: number;
  readonly sinkPort: number;
}

function ipv4(port: number, a: number, b: number, c: number, d: number): Uint8Array {
  const address = new Uint8Array(ADDRESS_BYTES);
  address.set([4, 0, port >> 8, port & 0xff, a, b, c, d]);
  return address;
}

/** Member 0 of a conference sends; members 1..receivers receive. */
export function memberAddress(plan: Plan, conference: number, member: number): Uint8Array {
  if (member === 0) return ipv4(plan.senderPorts[conference] ?? 0, 127, 0, 0, 1);
  if (conference === 0) {
    return ipv4(plan.checkedPort, 127, 2, (member - 1) >> 8, (member - 1) & 0xff);
  }
  const index = (conference - 1) * plan.receivers + member - 1;
  return ipv4(plan.sinkPort, 127, 3, index >> 8, index & 0xff);
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
