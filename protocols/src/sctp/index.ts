/** SCTP over DTLS and WebRTC data channels (RFC 9260, 8261, 6525, 8831, 8832), without I/O. */
export {
  type AssociationOptions,
  type AssociationOutput,
  type AssociationState,
  SctpAssociation,
} from './association.ts';
export {
  type DataChannelOpen,
  type DcepMessage,
  PayloadProtocol,
  parseDcepMessage,
  writeDcepMessage,
} from './dcep.ts';
