/** Mutated messages and random text: a result each time, nothing thrown. */
import { textCorpus } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { parseBridgeMessage, parseClientMessage, parseRelayMessage } from './index.ts';

const corpus = textCorpus(import.meta.url);
const pieces = ['{', '}', '[', ']', '"', ':', ',', '-1', '1e400', 'null', 'true', '\\', '\u0000'];
const classes = ['LastNChangedEvent', 'ForwardedSources', 'ServerHello', 'ConnectionStats'];

/** How many of the three take it. */
function check(text: string): number {
  let accepted = 0;
  for (const parse of [parseClientMessage, parseBridgeMessage, parseRelayMessage]) {
    const result = parse(text);
    if (result.type !== 'message') continue;
    accepted++;
    expect(typeof result.message.colibriClass).toBe('string');
  }
  return accepted;
}

test('the corpus', () => {
  expect(corpus.filter((text) => check(text) > 0).length).toBeGreaterThan(20);
});

test('100,000 mutated messages never throw', () => {
  let state = 0x2545f491;
  const next = (bound: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
  let accepted = 0;
  for (let i = 0; i < 100_000; i++) {
    let text = corpus[next(corpus.length)] ?? '';
    if (next(8) === 0)
      text = text.replace(
        /"colibriClass":"\w+"/,
        () => `"colibriClass":"${classes[next(classes.length)]}"`,
      );
    for (let edits = next(4); edits > 0; edits--) {
      const at = next(text.length + 1);
      text = text.slice(0, at) + (pieces[next(pieces.length)] ?? '') + text.slice(at + next(6));
    }
    accepted += check(text);
  }
  expect(accepted).toBeGreaterThan(1000);
});
