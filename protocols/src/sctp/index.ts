/** SCTP over DTLS and WebRTC data channels (RFC 9260, 8261, 6525, 8831, 8832), without I/O. */
export { SctpAssociation } from './association.ts';
export type { AssociationOptions, AssociationOutput, AssociationState } from './contract.ts';
export {
  type DataChannelOpen,
  type DcepMessage,
  PayloadProtocol,
  parseDcepMessage,
  writeDcepMessage,
} from './dcep.ts';
