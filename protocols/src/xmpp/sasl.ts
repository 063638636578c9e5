/** SASL elements (RFC 6120 §6), and the texts that they carry. */
import { type XmlElement, xml } from '../xml/index.ts';
import { NS } from './namespaces.ts';

/** Mechanisms that a server of ours can offer: RFC 4505, 4616, 5802, 7677. */
export type SaslMechanism = 'SCRAM-SHA-256' | 'SCRAM-SHA-1' | 'PLAIN' | 'ANONYMOUS';

/** Characters of base64 in one step; the longest name and password fit many times. */
const MAX_DATA_LENGTH = 16_384;

export function saslMechanisms(names: readonly string[]): XmlElement {
  return xml(
    'mechanisms',
    NS.sasl,
    {},
    ...names.map((name) => xml('mechanism', NS.sasl, {}, name)),
  );
}

export function saslChallenge(data: string): XmlElement {
  return xml('challenge', NS.sasl, {}, encodeSaslData(data));
}

/** `data` is what the mechanism has to say at the end, if anything. */
export function saslSuccess(data?: string): XmlElement {
  return xml('success', NS.sasl, {}, data === undefined ? undefined : encodeSaslData(data));
}

/** RFC 6120 §6.5. */
export type SaslFailureCondition =
  | 'aborted'
  | 'account-disabled'
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

/** The UTF-8 text in an `auth`, `challenge` or `response`; undefined when it is not base64 of one. */
export function decodeSaslData(base64: string): string | undefined {
  if (base64 === '=') return ''; // RFC 6120 §6.4.2: there, but empty
  if (base64.length > MAX_DATA_LENGTH || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function encodeSaslData(text: string): string {
  if (text === '') return '=';
  let binary = '';
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}
