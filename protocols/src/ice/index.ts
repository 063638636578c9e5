/** L1: the sans-I/O ICE agent of a server with one UDP port (RFC 8445, RFC 7675). */
export {
  ADDRESS_BYTES,
  addressFromText,
  addressIp,
  addressPort,
  addressToText,
  isSameAddress,
} from './address.ts';
export type * from './contract.ts';
export type { IceAgentApi, IceAgentConstructor, IceAgentDependencies } from './ice-agent.ts';
