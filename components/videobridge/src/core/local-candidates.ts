/**
 * Our candidates (RFC 8445 §5.1.1): advertised addresses first, then those of the machine, then those
 * a STUN server sees us under.
 */
import type { IceCandidate } from '@conclave/protocols/colibri';
import {
  addressIp,
  addressPort,
  candidateFoundation,
  candidatePriority,
} from '@conclave/protocols/ice';
import type { VideobridgeOptions } from '../options.ts';

export function localCandidates(
  options: Pick<VideobridgeOptions, 'advertisedAddresses' | 'localAddresses'>,
  udpPort: number,
  /** Address records. */
  mapped: readonly Uint8Array[] = [],
): IceCandidate[] {
  const all: { address: string; port?: number; type: 'host' | 'srflx' }[] = [
    ...(options.advertisedAddresses ?? []).map((one) => ({ ...one, type: 'host' as const })),
    ...options.localAddresses.map((address) => ({ address, type: 'host' as const })),
    ...mapped.map((record) => ({
      address: addressIp(record),
      port: addressPort(record),
      type: 'srflx' as const,
    })),
  ];
  const seen = new Set<string>();
  const candidates: IceCandidate[] = [];
  for (const { address, port = udpPort, type } of all) {
    const key = `${address} ${port}`;
    if (seen.has(key)) continue;
    seen.add(key);
    candidates.push({
      foundation: candidateFoundation(type, address, 'udp'),
      component: 1,
      protocol: 'udp',
      // Earlier ones are preferred.
      priority: candidatePriority(type, 65_535 - candidates.length),
      address,
      port,
      type,
      generation: 0,
      // Required with `srflx` (RFC 8839 §5.1), and nobody's business.
      ...(type === 'srflx' && { relatedAddress: '0.0.0.0', relatedPort: 9 }),
    });
  }
  return candidates;
}
