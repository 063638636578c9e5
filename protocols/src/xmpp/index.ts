/** XMPP vocabulary for servers and clients: addresses, stanzas, framing, forms, MUC (RFC 6120, 7395, 7622). */
export {
  type DataForm,
  dataFormFromXml,
  dataFormToXml,
  type FormField,
  type FormType,
  formBoolean,
  formValue,
} from './data-form.ts';
export { delayToXml } from './delay.ts';
export {
  capsVerificationText,
  type DiscoIdentity,
  type DiscoInfo,
  discoInfoFromXml,
  discoInfoToXml,
} from './disco.ts';
export {
  CLOSE_FRAME,
  type OpenFrame,
  openFrame,
  type StreamErrorCondition,
  streamError,
  streamFeatures,
} from './framing.ts';
export { bareOf, domainOf, Jid, parseJid, resourceOf } from './jid.ts';
export {
  type Affiliation,
  type MucItem,
  type MucUser,
  mucItemToXml,
  mucUserFromXml,
  mucUserToXml,
  parseAffiliation,
  parseRole,
  type Role,
} from './muc.ts';
export { NS } from './namespaces.ts';
export {
  decodeSaslData,
  type SaslFailureCondition,
  type SaslMechanism,
  saslChallenge,
  saslFailure,
  saslMechanisms,
  saslSuccess,
} from './sasl.ts';
export {
  type IqRequest,
  iqPayload,
  iqRequest,
  iqResult,
  isStanza,
  isValidIq,
  jsonMessage,
  readdress,
} from './stanza.ts';
export {
  errorReply,
  isAnswerable,
  type StanzaError,
  type StanzaErrorCondition,
  type StanzaErrorType,
  stanzaErrorFromXml,
  stanzaErrorToXml,
} from './stanza-error.ts';
export { type AckResult, parseHandledCount, StreamManagement } from './stream-management.ts';
export { nodeWithTenant, roomFromNode, tenantDomain, tenantFromPath, tenantOf } from './tenant.ts';
