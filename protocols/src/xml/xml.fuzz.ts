import { textCorpus } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { parseXml, writeXml } from './index.ts';

/** Small, seeded and fast: a fuzz run must fail the same way twice (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const CORPUS = textCorpus(import.meta.url);
const PIECES = [
  '<',
  '>',
  '/',
  '"',
  "'",
  '=',
  '&',
  ';',
  '<!',
  '<![CDATA[',
  ']]>',
  '<!--',
  '<?',
  'xmlns',
  ':',
  '\u0000',
  '\ud800',
  '&#x110000;',
  '&amp;',
  '<a>',
  '</a>',
  ' ',
];

/** Whether it is an element; then it survives writing. */
function check(text: string): boolean {
  const result = parseXml(text);
  if (result.type === 'error') return false;
  const again = parseXml(writeXml(result.element));
  if (again.type === 'error') expect.fail(`${again.reason}: ${JSON.stringify(text)}`);
  return true;
}

test('the corpus', () => {
  expect(CORPUS.filter(check).length).toBeGreaterThan(10);
});

test('100,000 mutated stanzas neither throw nor come back changed', { timeout: 300_000 }, () => {
  const random = seeded(20261121);
  const below = (n: number) => Math.floor(random() * n);
  let accepted = 0;
  for (let i = 0; i < 100_000; i++) {
    let text = CORPUS[below(CORPUS.length)] as string;
    for (let edits = 1 + below(4); edits > 0; edits--) {
      const at = below(text.length + 1);
      const to = Math.min(text.length, at + below(12));
      switch (below(4)) {
        case 0:
          text = text.slice(0, at) + text.slice(to);
          break;
        case 1:
          text = text.slice(0, at) + PIECES[below(PIECES.length)] + text.slice(at);
          break;
        case 2:
          text = text.slice(0, at) + text.slice(at, to).repeat(1 + below(20)) + text.slice(to);
          break;
        default:
          text = text.slice(0, at) + String.fromCharCode(below(65536)) + text.slice(at + 1);
      }
    }
    if (check(text)) accepted++;
  }
  expect(accepted).toBeGreaterThan(1000);
});
