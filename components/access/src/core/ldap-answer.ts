/**
 * The form of what a directory sends (RFC 4511 §4, in the BER of §5.1), looked at before the client library reads it: the library loops
 * for ever over lists whose lengths do not fit.
 */

export type LdapAnswer =
  /** The first `length` bytes are one whole message. */
  | { readonly type: 'whole'; readonly length: number }
  | { readonly type: 'incomplete' }
  | { readonly type: 'malformed' };

/** Two entries with a name, an address and passwords are far smaller. */
const MAX_BYTES = 262_144;

const INTEGER = 0x02;
const STRING = 0x04;
const ENUMERATED = 0x0a;
const SEQUENCE = 0x30;
const SET = 0x31;
const SEARCH_ENTRY = 0x64;
const SEARCH_REFERENCE = 0x73;
/** BindResponse, SearchResultDone, ExtendedResponse: an LDAPResult and what belongs to each. */
const RESULTS: readonly number[] = [0x61, 0x65, 0x78];
const CONTROLS = 0xa0;

interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

export function nextAnswer(bytes: Uint8Array): LdapAnswer {
  if (bytes.length === 0) return { type: 'incomplete' };
  if (bytes[0] !== SEQUENCE) return { type: 'malformed' };
  const header = lengthAt(bytes, 1, bytes.length);
  if (header === 'malformed') return { type: 'malformed' };
  if (header === undefined) return { type: 'incomplete' };
  const end = header.start + header.length;
  if (end > MAX_BYTES) return { type: 'malformed' };
  if (end > bytes.length) return { type: 'incomplete' };
  return isMessage(bytes, header.start, end)
    ? { type: 'whole', length: end }
    : { type: 'malformed' };
}

function isMessage(bytes: Uint8Array, start: number, end: number): boolean {
  const [id, operation, controls, ...rest] = elements(bytes, start, end) ?? [];
  if (id === undefined || operation === undefined || rest.length > 0) return false;
  if (!isNumber(id, INTEGER)) return false;
  // What no request of ours asks for is not needed either; but some servers say that a password ends soon.
  if (controls !== undefined && !isListOf(bytes, controls, CONTROLS, SEQUENCE)) return false;
  return isOperation(bytes, operation);
}

function isOperation(bytes: Uint8Array, operation: Element): boolean {
  const { tag, start, end } = operation;
  if (tag === SEARCH_REFERENCE) return isListOf(bytes, operation, tag, STRING);
  const parts = elements(bytes, start, end);
  if (parts === undefined) return false;
  if (RESULTS.includes(tag)) {
    const [code, dn, text] = parts;
    return code !== undefined && isNumber(code, ENUMERATED) && isString(dn) && isString(text);
  }
  if (tag !== SEARCH_ENTRY) return false;
  const [dn, attributes, ...rest] = parts;
  if (!isString(dn) || attributes?.tag !== SEQUENCE || rest.length > 0) return false;
  const list = elements(bytes, attributes.start, attributes.end);
  return list?.every((attribute) => isAttribute(bytes, attribute)) ?? false;
}

function isAttribute(bytes: Uint8Array, { tag, start, end }: Element): boolean {
  const [name, values, ...rest] = elements(bytes, start, end) ?? [];
  if (tag !== SEQUENCE || !isString(name) || rest.length > 0) return false;
  return values !== undefined && isListOf(bytes, values, SET, STRING);
}

function isString(element: Element | undefined): boolean {
  return element?.tag === STRING;
}

function isNumber({ tag, start, end }: Element, wanted: number): boolean {
  return tag === wanted && end - start >= 1 && end - start <= 4;
}

function isListOf(bytes: Uint8Array, list: Element, tag: number, partTag: number): boolean {
  if (list.tag !== tag) return false;
  return elements(bytes, list.start, list.end)?.every((part) => part.tag === partTag) ?? false;
}

/** What lies one after the other in `start`..`end`; undefined when it does not fill that exactly. */
function elements(bytes: Uint8Array, start: number, end: number): Element[] | undefined {
  const found: Element[] = [];
  for (let at = start; at < end; ) {
    const tag = bytes[at] ?? 0;
    const length = lengthAt(bytes, at + 1, end);
    if (length === undefined || length === 'malformed') return undefined;
    const next = length.start + length.length;
    if (next > end) return undefined;
    found.push({ tag, start: length.start, end: next });
    at = next;
  }
  return found;
}

/** §5.1: definite lengths only; of up to four bytes here. Undefined: more bytes are needed. */
function lengthAt(
  bytes: Uint8Array,
  at: number,
  end: number,
): { readonly start: number; readonly length: number } | 'malformed' | undefined {
  const first = at < end ? bytes[at] : undefined;
  if (first === undefined) return undefined;
  if (first < 0x80) return { start: at + 1, length: first };
  const count = first & 0x7f;
  if (count === 0 || count > 4) return 'malformed';
  if (at + 1 + count > end) return undefined;
  let length = 0;
  for (let i = 1; i <= count; i++) length = length * 256 + (bytes[at + i] ?? 0);
  return { start: at + 1 + count, length };
}
