/** Jingle for focus and clients: model, XML and JSON codecs, limits (XEP-0166 and relatives). */
export type {
  BridgeSession,
  Jingle,
  JingleAction,
  JingleContent,
  JingleDescription,
  JingleReason,
  JingleResult,
  JingleSenders,
  JingleSource,
  JingleTransport,
  OwnedSources,
  SignalledGroup,
  SignalledSource,
  VideoType,
} from './jingle.ts';
export { jingleFromXml, jingleToXml } from './jingle-xml.ts';
export { CLIENT_JINGLE_LIMITS, type JingleLimits } from './limits.ts';
export { JINGLE_NS } from './namespaces.ts';
export {
  ownedSourcesOf,
  sourceContents,
  sourceDescription,
} from './owned-sources.ts';
