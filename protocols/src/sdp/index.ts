/** Between the Jingle/COLIBRI vocabulary and the SDP a browser wants (RFC 8829, Unified Plan). */
export {
  type LocalAnswer,
  type LocalMedia,
  readLocalAnswer,
  type SdpResult,
} from './local-answer.ts';
export {
  type MediaLine,
  MediaLines,
  type RemoteSource,
} from './media-lines.ts';
export { type RemoteOffer, writeRemoteOffer } from './remote-offer.ts';
export { addSimulcast } from './simulcast.ts';
