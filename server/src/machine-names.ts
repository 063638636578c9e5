/** What this machine is called: the names that its self-signed certificate holds. */
import { hostname } from 'node:os';
import type { LocalAddress } from '@conclave/platform/net';

const NAME = /^[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?$/;

export function machineNames(
  addresses: readonly LocalAddress[],
  publicUrl: URL | undefined,
): string[] {
  const names = ['localhost', hostname().toLowerCase(), '127.0.0.1', '::1'];
  if (publicUrl !== undefined) names.push(publicUrl.hostname.replace(/^\[|\]$/g, ''));
  for (const { address } of addresses) names.push(address);
  return [...new Set(names)].filter((name) => NAME.test(name) || name.includes(':'));
}
