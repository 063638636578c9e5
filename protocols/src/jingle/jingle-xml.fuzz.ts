/** Mutated Jingle never throws, and what is accepted can be written and read again. */
import { textCorpus } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { parseXml, writeXml, XmlElement } from '../xml/index.ts';
import { jingleFromXml, jingleToXml, ownedSourcesOf } from './index.ts';

const CORPUS = textCorpus(import.meta.url).map((text) => {
  const result = parseXml(text);
  if (result.type === 'error') throw new Error(`${result.reason}: ${text}`);
  return result.element;
});

const VALUES = [
  '',
  '0',
  '-1',
  '4294967295',
  '4294967296',
  '1e9',
  '\ud800',
  'x'.repeat(2000),
  '__proto__',
];
const TEXTS = [
  '{}',
  '{"sources":null}',
  '[[[[',
  '{"sources":{"__proto__":[[],[],[]]}}',
  '"',
  'NaN',
];

function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function mutate(element: XmlElement, random: () => number): XmlElement {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const name = random() < 0.01 ? pick(['source', 'content', 'text', 'jingle']) : element.name;
  const copy = new XmlElement(name, random() < 0.01 ? 'urn:x' : element.ns);
  for (const [key, value] of element.attributes) {
    const roll = random();
    if (roll < 0.03) continue;
    copy.attributes.set(key, roll < 0.1 ? pick(VALUES) : value);
  }
  for (const child of element.children) {
    const roll = random();
    if (roll < 0.03) continue;
    const times = roll < 0.05 ? 2 : roll < 0.051 ? 300 : 1;
    const node =
      typeof child === 'string'
        ? random() < 0.3
          ? mutateText(child, random, pick)
          : child
        : mutate(child, random);
    for (let i = 0; i < times; i++) copy.children.push(node);
  }
  return copy;
}

function mutateText(
  text: string,
  random: () => number,
  pick: <T>(items: readonly T[]) => T,
): string {
  if (random() < 0.2) return pick(TEXTS);
  const at = Math.floor(random() * text.length);
  return text.slice(0, at) + pick(['', '"', '[', '}', '9', 'null']) + text.slice(at + 1);
}

/** Whether it is Jingle. What is accepted of one input in fifty is written and read again, and of every one of the corpus. */
function check(element: XmlElement, isWritten: boolean): boolean {
  const result = jingleFromXml(element);
  if (result.type === 'error') return false;
  ownedSourcesOf(result.jingle, 'me');
  if (!isWritten) return true;
  const written = jingleToXml(result.jingle);
  expect(writeXml(written).length).toBeGreaterThan(0);
  expect(jingleFromXml(written).type).toBe('jingle');
  return true;
}

test('the corpus', () => {
  expect(CORPUS.filter((element) => check(element, true)).length).toBeGreaterThan(5);
});

test('100,000 mutated messages: no throw, and accepted ones survive writing', () => {
  let accepted = 0;
  for (let seed = 0; seed < 100_000; seed++) {
    // The first holds everything: half of the mutants are its children.
    const sample = (seed % 2 === 0 ? CORPUS[0] : CORPUS[(seed >> 1) % CORPUS.length]) as XmlElement;
    if (check(mutate(sample, seeded(seed)), seed % 50 === 0)) accepted++;
  }
  expect(accepted).toBeGreaterThan(1000);
});
