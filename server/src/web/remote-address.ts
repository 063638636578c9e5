/**
 * Where a request comes from: the other end of its connection, or what a reverse proxy that is trusted says about it
 * (`X-Forwarded-For`). Worked out once, when the request arrives.
 */
import type { IncomingMessage } from 'node:http';
import { type BlockList, isIP } from 'node:net';

const known = new WeakMap<IncomingMessage, string>();

/** Longer chains of proxies are nobody's. */
const MAX_HOPS = 16;

/** Notes the address of `request`; `isTrusted` tells of an address whether its word counts. */
export function noteRemoteAddress(request: IncomingMessage, proxies: BlockList): void {
  const isTrusted = (address: string) =>
    isIP(address) !== 0 && proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  let address = peerAddress(request);
  const header = request.headers['x-forwarded-for'];
  const hops = (Array.isArray(header) ? header.join(',') : (header ?? ''))
    .split(',')
    .slice(-MAX_HOPS);
  // Each proxy appends whom it heard from: read from the end, for as long as those are trusted.
  for (let hop = hops.pop(); hop !== undefined && isTrusted(address); hop = hops.pop()) {
    const told = withoutPort(hop.trim());
    if (isIP(told) === 0) break;
    address = plain(told);
  }
  known.set(request, address);
}

export function remoteAddress(request: IncomingMessage): string {
  return known.get(request) ?? peerAddress(request);
}

function peerAddress({ socket }: IncomingMessage): string {
  return plain(socket.remoteAddress ?? '');
}

/** IPv4 clients of a dual-stack socket show as `::ffff:192.0.2.1`. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d)/i, '');
}

/** Some proxies write `192.0.2.1:4711` or `[2001:db8::1]:4711`. */
function withoutPort(text: string): string {
  const [, bracketed] = /^\[([^\]]+)\](?::\d+)?$/.exec(text) ?? [];
  if (bracketed !== undefined) return bracketed;
  const [, address = text] = /^([\d.]+):\d+$/.exec(text) ?? [];
  return address;
}
