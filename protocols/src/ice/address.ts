/**
 * Transport addresses as records of 20 bytes, the form packet-io uses: family (4 or 6), local address,
 * port (big-endian), 16 address bytes with IPv4 in the first four and zeros behind. The local address is a number for that of ours which
 * datagrams from there come to, 0 where it is not known or makes no difference.
 */

export const ADDRESS_BYTES = 20;
/** Where a record's local address is. */
export const LOCAL_AT = 1;

/**
 * A record from text; undefined when `ip` is not an IP literal or `port` not in 0..65535. Brackets and
 * zones are refused. An IPv4-mapped IPv6 address (`::ffff:192.0.2.1`) becomes IPv4: one address, one record.
 */
export function addressFromText(ip: string, port: number): Uint8Array | undefined {
  if (!Number.isInteger(port) || port < 0 || port > 65535) return undefined;
  const address = new Uint8Array(ADDRESS_BYTES);
  address[2] = port >>> 8;
  address[3] = port & 0xff;
  if (ip.includes(':')) {
    address[0] = 6;
    if (!readIpv6(ip, address)) return undefined;
    return isIpv4Mapped(address) ? unmapped(address) : address;
  }
  address[0] = 4;
  return readIpv4(ip, address, 4) ? address : undefined;
}

/** The IP literal of a record, IPv6 as RFC 5952 writes it. */
export function addressIp(address: Uint8Array): string {
  if (address[0] === 4) return `${address[4]}.${address[5]}.${address[6]}.${address[7]}`;
  const groups: number[] = [];
  for (let i = 4; i < ADDRESS_BYTES; i += 2) {
    groups.push(((address[i] ?? 0) << 8) | (address[i + 1] ?? 0));
  }
  let bestStart = -1;
  let bestLength = 1; // a single zero group is not shortened (RFC 5952 §4.2.2)
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && groups[end] === 0) end++;
    if (end - start > bestLength) {
      bestStart = start;
      bestLength = end - start;
    }
    if (end > start) start = end;
  }
  const hex = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  if (bestStart < 0) return hex(0, 8);
  return `${hex(0, bestStart)}::${hex(bestStart + bestLength, 8)}`;
}

/** 0..65535 */
export function addressPort(address: Uint8Array): number {
  return ((address[2] ?? 0) << 8) | (address[3] ?? 0);
}

/** `192.0.2.1:10000` or `[2001:db8::1]:10000`, for logs. */
export function addressToText(address: Uint8Array): string {
  const ip = addressIp(address);
  return address[0] === 4 ? `${ip}:${addressPort(address)}` : `[${ip}]:${addressPort(address)}`;
}

export function isSameAddress(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < ADDRESS_BYTES; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The same far end, whichever of our addresses it talks to. */
export function isSameRemote(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < ADDRESS_BYTES; i++) if (i !== LOCAL_AT && a[i] !== b[i]) return false;
  return true;
}

/** Not unspecified, multicast or broadcast, and with a port: something a datagram may be sent to. */
export function isUnicast(address: Uint8Array): boolean {
  if (addressPort(address) === 0) return false;
  const first = address[4] ?? 0;
  if (address[0] === 4) return first !== 0 && first < 224; // 0/8, 224/4, 240/4 with 255.255.255.255
  if (address[0] !== 6 || first === 0xff) return false;
  for (let i = 4; i < ADDRESS_BYTES; i++) if (address[i] !== 0) return true;
  return false;
}

function isIpv4Mapped(address: Uint8Array): boolean {
  for (let i = 4; i < 14; i++) if (address[i] !== 0) return false;
  return address[14] === 0xff && address[15] === 0xff;
}

function unmapped(address: Uint8Array): Uint8Array {
  const out = new Uint8Array(ADDRESS_BYTES);
  out[0] = 4;
  out.set(address.subarray(2, 4), 2);
  out.set(address.subarray(16, 20), 4);
  return out;
}

function readIpv4(text: string, into: Uint8Array, offset: number): boolean {
  const parts = text.split('.', 5);
  if (parts.length !== 4) return false;
  for (let i = 0; i < 4; i++) {
    const part = parts[i] ?? '';
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part)) return false; // no leading zeros: they mean octal to some
    const value = Number(part);
    if (value > 255) return false;
    into[offset + i] = value;
  }
  return true;
}

/** RFC 4291 §2.2, all three forms. */
function readIpv6(text: string, into: Uint8Array): boolean {
  if (text.length > 45) return false;
  const halves = text.split('::', 3);
  if (halves.length > 2) return false;
  const head = readGroups(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? readGroups(halves[1] ?? '', true) : [];
  if (head === undefined || tail === undefined) return false;
  const given = head.length + tail.length;
  if (halves.length === 1 ? given !== 16 : given > 14) return false;
  into.set(head, 4);
  into.set(tail, ADDRESS_BYTES - tail.length);
  return true;
}

function readGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  const out: number[] = [];
  if (text === '') return out;
  const groups = text.split(':', 9);
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i] ?? '';
    if (mayEndInIpv4 && i === groups.length - 1 && group.includes('.')) {
      const ipv4 = new Uint8Array(4);
      if (!readIpv4(group, ipv4, 0)) return undefined;
      out.push(...ipv4);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      out.push(value >>> 8, value & 0xff);
    }
  }
  return out.length <= 16 ? out : undefined;
}
