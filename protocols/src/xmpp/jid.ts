/**
 * XMPP addresses (RFC 7622): parsed once, compared as normalised strings afterwards.
 *
 * The node is lower-cased (UsernameCaseMapped) and may hold `%xx`, which clients use for room names;
 * the resource keeps its case (OpaqueString).
 */

/** Each part is 1..1023 bytes of UTF-8 (RFC 7622 §3.2-3.4). */
const MAX_PART_BYTES = 1023;

// RFC 7622 §3.3.1 forbids these in the node, spaces and controls everywhere.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const BAD_NODE = /[\s"&'/:<>@\u0000-\u001f\u007f]/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const BAD_RESOURCE = /[\u0000-\u001f\u007f\ud800-\udfff\ufffe\uffff]/u;
const GOOD_DOMAIN = /^(?:[\p{L}\p{N}\p{M}_-]+(?:\.[\p{L}\p{N}\p{M}_-]+)*|\[[0-9a-f:.]+\])$/u;

/** Immutable. Build with `parseJid` for anything that comes from outside. */
export class Jid {
  /** Empty when there is none. */
  readonly node: string;
  readonly domain: string;
  /** Empty for a bare JID. */
  readonly resource: string;
  /** `node@domain` or `domain`. */
  readonly bare: string;
  /** With the resource when there is one; same as `bare` otherwise. */
  readonly full: string;

  /** The parts are taken as they are: already valid and normalised. */
  constructor(node: string, domain: string, resource = '') {
    this.node = node;
    this.domain = domain;
    this.resource = resource;
    this.bare = node === '' ? domain : `${node}@${domain}`;
    this.full = resource === '' ? this.bare : `${this.bare}/${resource}`;
  }

  get isBare(): boolean {
    return this.resource === '';
  }

  /** The same account or room with another resource; `''` gives the bare JID. */
  withResource(resource: string): Jid {
    return new Jid(this.node, this.domain, resource);
  }

  toString(): string {
    return this.full;
  }
}

/** `undefined` for anything that is not a valid address. */
export function parseJid(text: string): Jid | undefined {
  if (text.length > 3 * MAX_PART_BYTES + 2) return undefined;
  const slash = text.indexOf('/');
  const bare = slash === -1 ? text : text.slice(0, slash);
  const resource = slash === -1 ? '' : text.slice(slash + 1);
  if (slash !== -1 && !isResource(resource)) return undefined;
  const at = bare.indexOf('@');
  const node = at === -1 ? '' : normaliseNode(bare.slice(0, at));
  if (node === undefined || (at !== -1 && node === '')) return undefined;
  const domain = bare.slice(at + 1).toLowerCase();
  // RFC 7622 §3.2: a trailing dot is the same domain.
  const trimmed = domain.endsWith('.') ? domain.slice(0, -1) : domain;
  if (tooLong(trimmed) || !GOOD_DOMAIN.test(trimmed)) return undefined;
  return new Jid(node, trimmed, resource);
}

/** The node in its normal form, or `undefined` when it has a forbidden character or is too long. */
export function normaliseNode(text: string): string | undefined {
  const node = text.normalize('NFC').toLowerCase();
  return tooLong(node) || BAD_NODE.test(node) || !isWellFormed(node) ? undefined : node;
}

/** The part before the first `/`, without validation: for addresses that were validated before. */
export function bareOf(jid: string): string {
  const slash = jid.indexOf('/');
  return slash === -1 ? jid : jid.slice(0, slash);
}

/** The part after the first `/`, or `''`; without validation. */
export function resourceOf(jid: string): string {
  const slash = jid.indexOf('/');
  return slash === -1 ? '' : jid.slice(slash + 1);
}

/** The part between `@` and `/`; without validation. */
export function domainOf(jid: string): string {
  const bare = bareOf(jid);
  return bare.slice(bare.indexOf('@') + 1);
}

function isResource(text: string): boolean {
  return text !== '' && !tooLong(text) && !BAD_RESOURCE.test(text) && isWellFormed(text);
}

function isWellFormed(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xd800 && code <= 0xdfff) return false;
  }
  return true;
}

function tooLong(text: string): boolean {
  // At most three bytes for each UTF-16 code unit, so short texts need no counting.
  if (text.length * 3 <= MAX_PART_BYTES) return false;
  return new TextEncoder().encode(text).length > MAX_PART_BYTES;
}
