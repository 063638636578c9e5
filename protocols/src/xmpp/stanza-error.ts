/** Stanza errors: conditions, their usual types, reading and writing (RFC 6120 §8.3). */
import { type XmlElement, type XmlNode, xml } from '../xml/index.ts';
import { NS } from './namespaces.ts';

export type StanzaErrorType = 'auth' | 'cancel' | 'continue' | 'modify' | 'wait';

/** The type RFC 6120 §8.3.3 recommends for each condition, and the code old clients read (XEP-0086). */
const CONDITIONS = {
  'bad-request': ['modify', '400'],
  conflict: ['cancel', '409'],
  'feature-not-implemented': ['cancel', '501'],
  forbidden: ['auth', '403'],
  gone: ['cancel', '302'],
  'internal-server-error': ['cancel', '500'],
  'item-not-found': ['cancel', '404'],
  'jid-malformed': ['modify', '400'],
  'not-acceptable': ['modify', '406'],
  'not-allowed': ['cancel', '405'],
  'not-authorized': ['auth', '401'],
  'policy-violation': ['modify', undefined],
  'recipient-unavailable': ['wait', '404'],
  redirect: ['modify', '302'],
  'registration-required': ['auth', '407'],
  'remote-server-not-found': ['cancel', '404'],
  'remote-server-timeout': ['wait', '504'],
  'resource-constraint': ['wait', '500'],
  'service-unavailable': ['cancel', '503'],
  'subscription-required': ['auth', '407'],
  'undefined-condition': ['cancel', '500'],
  'unexpected-request': ['wait', '400'],
} as const satisfies Record<string, readonly [StanzaErrorType, string | undefined]>;

export type StanzaErrorCondition = keyof typeof CONDITIONS;

/** A refusal, before it is put on the wire. */
export interface StanzaError {
  readonly condition: StanzaErrorCondition;
  /** Absent: the usual type of the condition. */
  readonly type?: StanzaErrorType;
  /** One sentence; some clients show it to the user. */
  readonly text?: string;
  /** Application elements, direct children of `error` after the condition. */
  readonly extra?: readonly XmlElement[];
}

/** The `<error>` element; the condition is its first child, because clients look there. */
export function stanzaErrorToXml(error: StanzaError): XmlElement {
  const [type, code] = CONDITIONS[error.condition];
  return xml(
    'error',
    NS.client,
    { type: error.type ?? type, code },
    xml(error.condition, NS.stanzaErrors),
    error.text === undefined ? undefined : xml('text', NS.stanzaErrors, {}, error.text),
    ...(error.extra ?? []),
  );
}

/** Reads the error of a stanza with `type="error"`; unknown conditions become `undefined-condition`. */
export function stanzaErrorFromXml(stanza: XmlElement): StanzaError | undefined {
  const element = stanza.child('error');
  if (element === undefined) return undefined;
  let condition: StanzaErrorCondition = 'undefined-condition';
  let text: string | undefined;
  const extra: XmlElement[] = [];
  for (const child of element.elements()) {
    if (child.ns !== NS.stanzaErrors) extra.push(child);
    else if (child.name === 'text') text = child.text;
    else if (isCondition(child.name)) condition = child.name;
  }
  const type = element.attribute('type');
  return {
    condition,
    type: isErrorType(type) ? type : CONDITIONS[condition][0],
    ...(text === undefined ? {} : { text }),
    extra,
  };
}

/**
 * The reply that refuses `stanza`: same kind and id, addresses swapped. `from` replaces the swapped
 * sender, `children` go before the error. The caller checks that `stanza` may be answered
 * (`isAnswerable`).
 */
export function errorReply(
  stanza: XmlElement,
  error: StanzaError,
  options: { readonly from?: string; readonly children?: readonly XmlNode[] } = {},
): XmlElement {
  return xml(
    stanza.name,
    NS.client,
    {
      type: 'error',
      id: stanza.attribute('id'),
      from: options.from ?? stanza.attribute('to'),
      to: stanza.attribute('from'),
    },
    ...(options.children ?? []),
    stanzaErrorToXml(error),
  );
}

/** Errors and results must not be answered with an error (RFC 6120 §8.3.1), or two servers loop. */
export function isAnswerable(stanza: XmlElement): boolean {
  const type = stanza.attribute('type');
  return type !== 'error' && !(stanza.name === 'iq' && type === 'result');
}

function isCondition(name: string): name is StanzaErrorCondition {
  return Object.hasOwn(CONDITIONS, name);
}

function isErrorType(type: string | undefined): type is StanzaErrorType {
  return (
    type === 'auth' ||
    type === 'cancel' ||
    type === 'continue' ||
    type === 'modify' ||
    type === 'wait'
  );
}
