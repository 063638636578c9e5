/** Jingle for focus and clients: model, XML and JSON codecs, limits (XEP-0166 and relatives). */
export {
  type BridgeSession,
  JINGLE_ACTIONS,
  type Jingle,
  type JingleAction,
  type JingleContent,
  type JingleDescription,
  type JingleReason,
  type JingleResult,
  type JingleSenders,
  type JingleSource,
  type JingleTransport,
  type OwnedSources,
  type SignalledGroup,
  type SignalledSource,
  type VideoType,
} from './jingle.ts';
export { jingleFromXml, jingleToXml } from './jingle-xml.ts';
export { CLIENT_JINGLE_LIMITS, DEFAULT_JINGLE_LIMITS, type JingleLimits } from './limits.ts';
export {
  COLIBRI2_NS,
  FOCUS_NS,
  JINGLE_NS,
  JITMEET_NS,
} from './namespaces.ts';
export {
  ownedSourcesOf,
  sourceContents,
  sourceDescription,
} from './owned-sources.ts';
