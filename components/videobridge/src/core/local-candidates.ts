/** Our host candidates (RFC 8445 §5.1.1.1): advertised addresses first, then those of the machine. */
import type { IceCandidate } from '@conclave/protocols/colibri';
import { candidateFoundation, candidatePriority } from '@conclave/protocols/ice';
import type { VideobridgeOptions } from '../options.ts';

export function localCandidates(
  options: Pick<VideobridgeOptions, 'advertisedAddresses' | 'localAddresses'>,
  udpPort: number,
): IceCandidate[] {
  const all = [
    ...(options.advertisedAddresses ?? []),
    ...options.localAddresses.map((address) => ({ address, port: undefined })),
  ];
  const seen = new Set<string>();
  const candidates: IceCandidate[] = [];
  for (const { address, port = udpPort } of all) {
    const key = `${address} ${port}`;
    if (seen.has(key)) continue;
    seen.add(key);
    candidates.push({
      foundation: candidateFoundation('host', address, 'udp'),
      component: 1,
      protocol: 'udp',
      // Earlier ones are preferred.
      priority: candidatePriority('host', 65_535 - candidates.length),
      address,
      port,
      type: 'host',
      generation: 0,
    });
  }
  return candidates;
}
