/**
 * An XML element as XMPP uses it: no comments, no processing instructions, namespaces resolved on
 * the way in (`ns`) and written literally as `xmlns` on the way out (clients test the attribute).
 */

export type XmlNode = XmlElement | string;

/** Attribute values; `undefined` leaves the attribute out. */
export type XmlAttributes = Readonly<Record<string, string | undefined>>;

export class XmlElement {
  /** Local name, without prefix. */
  readonly name: string;
  /** Namespace URI; empty when the element inherits none. */
  readonly ns: string;
  /** Without `xmlns` declarations. Prefixed names keep their prefix (`xml:lang`). */
  readonly attributes: Map<string, string>;
  readonly children: XmlNode[];

  constructor(
    name: string,
    ns: string,
    attributes?: XmlAttributes,
    children: readonly XmlNode[] = [],
  ) {
    this.name = name;
    this.ns = ns;
    this.attributes = new Map();
    for (const key in attributes) {
      const value = attributes[key];
      if (value !== undefined) this.attributes.set(key, value);
    }
    this.children = [...children];
  }

  attribute(name: string): string | undefined {
    return this.attributes.get(name);
  }

  /** Child elements, in document order. */
  *elements(): Generator<XmlElement> {
    for (const child of this.children) if (typeof child !== 'string') yield child;
  }

  /** First child element with this name, and namespace when given. */
  child(name: string, ns?: string): XmlElement | undefined {
    for (const child of this.children) {
      if (typeof child === 'string' || child.name !== name) continue;
      if (ns === undefined || child.ns === ns) return child;
    }
    return undefined;
  }

  /** All child elements with this name, and namespace when given. */
  childrenNamed(name: string, ns?: string): XmlElement[] {
    const out: XmlElement[] = [];
    for (const child of this.elements()) {
      if (child.name === name && (ns === undefined || child.ns === ns)) out.push(child);
    }
    return out;
  }

  /** Direct text content, concatenated. */
  get text(): string {
    let out = '';
    for (const child of this.children) if (typeof child === 'string') out += child;
    return out;
  }

  append(...nodes: XmlNode[]): this {
    this.children.push(...nodes);
    return this;
  }

  /** A copy with other attributes (merged; `undefined` removes); children are shared nodes in a new list. */
  with(attributes: XmlAttributes, children: readonly XmlNode[] = this.children): XmlElement {
    const copy = new XmlElement(this.name, this.ns, undefined, children);
    for (const [key, value] of this.attributes) copy.attributes.set(key, value);
    for (const key in attributes) {
      const value = attributes[key];
      if (value === undefined) copy.attributes.delete(key);
      else copy.attributes.set(key, value);
    }
    return copy;
  }

  toString(): string {
    return writeXml(this);
  }
}

/** Shorthand for `new XmlElement`, for building stanzas. */
export function xml(
  name: string,
  ns: string,
  attributes?: XmlAttributes,
  ...children: readonly (XmlNode | undefined)[]
): XmlElement {
  return new XmlElement(
    name,
    ns,
    attributes,
    children.filter((c) => c !== undefined),
  );
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** What has a meaning in XML, and what XML has no way to say (XML 1.0 §2.2) but JSON has. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const SPECIAL = /[&<>"'\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
const ALL_SPECIAL = new RegExp(SPECIAL, 'g');

export function escapeXml(text: string): string {
  return SPECIAL.test(text) ? text.replace(ALL_SPECIAL, (c) => ESCAPES[c] ?? '\ufffd') : text;
}

/** Prefixes that XMPP clients expect instead of a default namespace (RFC 6120 §4.8.5). */
const PREFIXED: ReadonlyMap<string, string> = new Map([
  ['http://etherx.jabber.org/streams', 'stream'],
]);

/**
 * Serialises without whitespace. Every element whose namespace differs from its parent's gets a
 * literal `xmlns`; namespaces listed as prefixed (streams) are written `stream:features` with the
 * prefix declared on the element. Elements with an empty `ns` inherit.
 */
export function writeXml(element: XmlElement, parentNs = ''): string {
  const prefix = PREFIXED.get(element.ns);
  const tag = prefix === undefined ? element.name : `${prefix}:${element.name}`;
  let out = `<${tag}`;
  let inner = parentNs;
  if (prefix !== undefined) {
    out += ` xmlns:${prefix}="${element.ns}"`;
  } else if (element.ns !== '') {
    inner = element.ns;
    if (element.ns !== parentNs) out += ` xmlns="${escapeXml(element.ns)}"`;
  }
  for (const [key, value] of element.attributes) out += ` ${key}="${escapeXml(value)}"`;
  if (element.children.length === 0) return `${out}/>`;
  out += '>';
  for (const child of element.children) {
    out += typeof child === 'string' ? escapeXml(child) : writeXml(child, inner);
  }
  return `${out}</${tag}>`;
}
