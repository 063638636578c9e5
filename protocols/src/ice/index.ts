/** L1: the sans-I/O ICE agent of a server with one UDP port (RFC 8445, RFC 7675). */
export {
  ADDRESS_BYTES,
  addressFromText,
  addressIp,
  addressPort,
  addressToText,
  isSameAddress,
  isUnicast,
} from './address.ts';
export {
  AddressDiscovery,
  type AddressDiscoveryOptions,
  type DiscoveryRequest,
} from './address-discovery.ts';
export { candidateFoundation, candidatePriority } from './candidate.ts';
export type * from './contract.ts';
export { IceAgent, type IceAgentDependencies } from './ice-agent.ts';
export { IceRegistry, type RegisteredAgent } from './ice-registry.ts';
export { areIceCredentials } from './ice-settings.ts';
