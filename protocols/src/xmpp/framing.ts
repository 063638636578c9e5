/**
 * Stream framing over WebSocket (RFC 7395) and stream errors (RFC 6120 §4.9).
 *
 * COMPAT: Strophe compares the close frame as a string and looks for `<open ` at the start of the
 * first message, so these texts are exact.
 */
import { type XmlElement, xml } from '../xml/index.ts';
import { NS } from './namespaces.ts';

/** The server's close frame, byte for byte as clients expect it. */
export const CLOSE_FRAME = '<close xmlns="urn:ietf:params:xml:ns:xmpp-framing" />';

export interface OpenFrame {
  readonly from?: string;
  readonly to?: string;
  readonly id?: string;
}

/** `<open …/>`, of either side. */
export function openFrame(frame: OpenFrame): XmlElement {
  const { to, from, id } = frame;
  const lang = from === undefined ? undefined : 'en';
  return xml('open', NS.framing, { to, from, id, version: '1.0', 'xml:lang': lang });
}

/** `<stream:features>` with the prefix declared, as no stream element encloses it. */
export function streamFeatures(...features: readonly XmlElement[]): XmlElement {
  return xml('features', NS.streams, {}, ...features);
}

/** RFC 6120 §4.9.3. */
export type StreamErrorCondition =
  | 'bad-format'
  | 'conflict'
  | 'connection-timeout'
  | 'host-unknown'
  | 'internal-server-error'
  | 'invalid-from'
  | 'invalid-namespace'
  | 'not-authorized'
  | 'not-well-formed'
  | 'policy-violation'
  | 'reset'
  | 'resource-constraint'
  | 'restricted-xml'
  | 'system-shutdown'
  | 'undefined-condition'
  | 'unsupported-stanza-type'
  | 'unsupported-version';

/** `<stream:error>` without whitespace, as clients walk its child nodes. */
export function streamError(condition: StreamErrorCondition, text?: string): XmlElement {
  return xml(
    'error',
    NS.streams,
    {},
    xml(condition, NS.streamErrors),
    text === undefined ? undefined : xml('text', NS.streamErrors, {}, text),
  );
}
