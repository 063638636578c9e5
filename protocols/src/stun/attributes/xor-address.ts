/**
 * XOR-MAPPED-ADDRESS (RFC 8489 §14.2) and the form that TURN's XOR-PEER-ADDRESS and
 * XOR-RELAYED-ADDRESS share:
 *
 *     | 0 (8) | family 1 or 2 (8) | X-Port (16) | X-Address (32 or 128) |
 */
import type { StunAttribute } from '../attribute.ts';

export interface StunAddress {
  readonly family: 4 | 6;
  /** 0..65535 */
  readonly port: number;
  /** 4 or 16 bytes, network order. */
  readonly bytes: Uint8Array;
}

export const XorMappedAddress = xorAddressAttribute(0x0020, 'XOR-MAPPED-ADDRESS');

/** A codec for an address hidden from rewriting NATs by the cookie and the transaction id. */
export function xorAddressAttribute(type: number, name: string): StunAttribute<StunAddress> {
  return {
    type,
    name,
    read(value, transactionId) {
      const family = value[1] === 1 ? 4 : value[1] === 2 ? 6 : undefined;
      if (family === undefined || value.length !== (family === 4 ? 8 : 20)) return undefined;
      return {
        family,
        port: (((value[2] ?? 0) << 8) | (value[3] ?? 0)) ^ 0x2112,
        bytes: masked(value.subarray(4), transactionId),
      };
    },
    write({ family, port, bytes }, transactionId) {
      const value = new Uint8Array(family === 4 ? 8 : 20);
      value[1] = family === 4 ? 1 : 2;
      value[2] = (port ^ 0x2112) >>> 8;
      value[3] = port ^ 0x2112;
      value.set(masked(bytes.subarray(0, family === 4 ? 4 : 16), transactionId), 4);
      return value;
    },
  };
}

const COOKIE = [0x21, 0x12, 0xa4, 0x42];

function masked(address: Uint8Array, transactionId: Uint8Array): Uint8Array {
  return address.map((byte, i) => byte ^ (COOKIE[i] ?? transactionId[i - 4] ?? 0));
}
