/** SASL elements (RFC 6120 §6). */
import { type XmlElement, xml } from '../xml/index.ts';
import { NS } from './namespaces.ts';

export function saslMechanisms(names: readonly string[]): XmlElement {
  return xml(
    'mechanisms',
    NS.sasl,
    {},
    ...names.map((name) => xml('mechanism', NS.sasl, {}, name)),
  );
}

export function saslSuccess(): XmlElement {
  return xml('success', NS.sasl);
}

/** RFC 6120 §6.5. */
export type SaslFailureCondition =
  | 'aborted'
  | 'incorrect-encoding'
  | 'invalid-mechanism'
  | 'malformed-request'
  | 'not-allowed'
  | 'not-authorized'
  | 'temporary-auth-failure';

/**
 * COMPAT: LJM finds the reason with a regular expression on the text of the frame: a self-closing
 * `not-allowed`, directly followed by a `text` without attributes. Only that condition shows it.
 */
export function saslFailure(condition: SaslFailureCondition, text?: string): XmlElement {
  return xml(
    'failure',
    NS.sasl,
    {},
    xml(condition, NS.sasl),
    text === undefined ? undefined : xml('text', NS.sasl, {}, text),
  );
}
