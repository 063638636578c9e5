/** Which addresses of this machine a client could reach: the bridge's host candidates (RFC 8445 §5.1.1.1). */
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

export interface LocalAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** A machine with hundreds of container interfaces must not give hundreds of candidates. */
const MAX_ADDRESSES = 16;

/** Addresses of this machine now; see `selectLocalAddresses`. */
export function localAddresses(options: { readonly ipv6: boolean }): LocalAddress[] {
  return selectLocalAddresses(networkInterfaces(), options);
}

/** All but link-local ones; loopback only when there is nothing else. IPv4 first, at most 16. */
export function selectLocalAddresses(
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>,
  options: { readonly ipv6: boolean },
): LocalAddress[] {
  const reachable: LocalAddress[] = [];
  const loopback: LocalAddress[] = [];
  for (const infos of Object.values(interfaces)) {
    for (const info of infos ?? []) {
      const family = info.family === 'IPv4' ? 4 : 6;
      if (family === 6 && !options.ipv6) continue;
      if (isLinkLocal(info.address)) continue;
      (info.internal ? loopback : reachable).push({ address: info.address, family });
    }
  }
  const chosen = reachable.length > 0 ? reachable : loopback;
  return chosen.sort((a, b) => a.family - b.family).slice(0, MAX_ADDRESSES);
}

/** 169.254.0.0/16 (RFC 3927) and fe80::/10 (RFC 4291 §2.5.6). */
function isLinkLocal(address: string): boolean {
  return address.startsWith('169.254.') || /^fe[89ab]/i.test(address);
}
