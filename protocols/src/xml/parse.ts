/**
 * One complete XML element from text, as RFC 7395 frames it: strict, namespace-aware and bounded.
 * Document types, processing instructions and comments are refused (RFC 6120 §11.1).
 */
import { SaxesParser } from 'saxes';
import { XmlElement } from './element.ts';

export interface XmlLimits {
  /** Whole input, in UTF-16 code units. */
  readonly maxLength: number;
  /** Nesting, the root being 1. */
  readonly maxDepth: number;
  /** Elements in total. */
  readonly maxElements: number;
  /** Attributes of one element. */
  readonly maxAttributes: number;
}

export const DEFAULT_XML_LIMITS: XmlLimits = {
  maxLength: 262_144,
  maxDepth: 32,
  maxElements: 8_192,
  maxAttributes: 64,
};

export type XmlResult =
  | { readonly type: 'element'; readonly element: XmlElement }
  | { readonly type: 'error'; readonly reason: string };

class Refused extends Error {}

/** Parses `text` into one element. Never throws: a refusal has a reason for the operator. */
export function parseXml(text: string, limits: XmlLimits = DEFAULT_XML_LIMITS): XmlResult {
  if (text.length > limits.maxLength) return { type: 'error', reason: 'too long' };
  // The parser waits for the other half of a character, and throws when none comes.
  if ((text.charCodeAt(text.length - 1) & 0xfc00) === 0xd800) {
    return { type: 'error', reason: 'ends in half a character' };
  }
  const stack: XmlElement[] = [];
  let root: XmlElement | undefined;
  let elements = 0;
  const parser = new SaxesParser({ xmlns: true, fragment: false });
  parser.on('error', (error) => {
    throw new Refused(error.message);
  });
  const refuse = (what: string) => () => {
    throw new Refused(`${what} not allowed`);
  };
  parser.on('doctype', refuse('doctype'));
  parser.on('processinginstruction', refuse('processing instruction'));
  parser.on('comment', refuse('comment'));
  let attributeCount = 0;
  parser.on('opentagstart', () => {
    attributeCount = 0;
    if (++elements > limits.maxElements) throw new Refused('too many elements');
    if (stack.length >= limits.maxDepth) throw new Refused('too deep');
  });
  parser.on('attribute', () => {
    if (++attributeCount > limits.maxAttributes) throw new Refused('too many attributes');
  });
  parser.on('opentag', (tag) => {
    const element = new XmlElement(tag.local, tag.uri);
    for (const key in tag.attributes) {
      const attribute = tag.attributes[key];
      // DEVIATION: attributes in a namespace of their own are dropped (only `xml:` is kept): no
      // extension that Jitsi's clients speak has one, and relaying them would need the prefix.
      if (attribute === undefined || key === 'xmlns') continue;
      if (attribute.prefix !== '' && attribute.prefix !== 'xml') continue;
      element.attributes.set(key, attribute.value);
    }
    const parent = stack.at(-1);
    if (parent === undefined) root = element;
    else parent.children.push(element);
    stack.push(element);
  });
  const onText = (chunk: string) => {
    const parent = stack.at(-1);
    if (parent === undefined) return;
    const last = parent.children.length - 1;
    const previous = parent.children[last];
    if (typeof previous === 'string') parent.children[last] = previous + chunk;
    else parent.children.push(chunk);
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.on('closetag', () => {
    stack.pop();
  });
  try {
    parser.write(text).close();
  } catch (error) {
    if (error instanceof Refused) return { type: 'error', reason: error.message };
    throw error;
  }
  if (root === undefined) return { type: 'error', reason: 'no element' };
  return { type: 'element', element: root };
}
