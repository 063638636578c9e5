import type { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import * as ws from 'ws';
import { writeTextFrames } from './text-frames.ts';

/** What an independent implementation reads. */
async function read(bytes: Buffer, count: number): Promise<string[]> {
  const texts: string[] = [];
  const { Receiver } = ws as unknown as {
    Receiver: new (options: { isServer: boolean }) => PassThrough;
  };
  const receiver = new Receiver({ isServer: false });
  const done = new Promise<void>((resolve, reject) => {
    receiver.on('error', reject);
    receiver.on('message', (data: Buffer, isBinary: boolean) => {
      expect(isBinary).toBe(false);
      if (texts.push(data.toString()) === count) resolve();
    });
  });
  receiver.write(bytes);
  await done;
  return texts;
}

const EURO = '\u20ac';

test('frames of every length of header come back as they were (RFC 6455 §5.2)', async () => {
  const texts = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000].map((n) => 'x'.repeat(n));
  const wide = [41, 42, 21_845, 21_846].map((n) => EURO.repeat(n));
  const all = [...texts, ...wide, 'Zo\u00eb \u{1f600}'];
  expect(await read(writeTextFrames(all), all.length)).toEqual(all);
});

test.each([
  ['', [0x81, 0]],
  ['<a/>', [0x81, 4, 0x3c, 0x61, 0x2f, 0x3e]],
  ['\u00eb', [0x81, 2, 0xc3, 0xab]],
])('%j is one unmasked text frame', (text, bytes) => {
  expect([...writeTextFrames([text])]).toEqual(bytes);
});

test('a text without a valid encoding does not shift the frames after it', async () => {
  expect(await read(writeTextFrames(['a\ud800b', 'next']), 2)).toEqual(['a\ufffdb', 'next']);
});
