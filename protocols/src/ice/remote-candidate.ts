/** Which signalled candidates are used. The others are no error: browsers offer names and TCP as well. */
import { addressFromText } from './address.ts';
import type { IceRemoteCandidate } from './contract.ts';

/** No client has a well-known port, and nobody shall aim our checks at services. Learnt addresses are exempt: they were heard. */
const MIN_PORT = 1024;

/** The address record of a candidate, undefined when it is not to be used. Names are never resolved. */
export function usableAddress(candidate: IceRemoteCandidate): Uint8Array | undefined {
  if (candidate.component !== 1 || candidate.protocol.toLowerCase() !== 'udp') return undefined;
  if (candidate.port < MIN_PORT) return undefined;
  return addressFromText(candidate.address, candidate.port);
}
