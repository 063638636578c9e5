import { Vp8Descriptor, writeVp8Descriptor } from '@conclave/protocols/rtp';
import { describe, expect, test } from 'vitest';
import { PictureIdRewriter } from './picture-id-rewriter.ts';

function frame(pictureId: number, tl0PicIdx: number, bits: 7 | 15, isKey = false): Vp8Descriptor {
  const payload = Uint8Array.of(
    ...writeVp8Descriptor({
      isFrameStart: true,
      pictureId: { value: pictureId, bits },
      tl0PicIdx,
      temporalId: 0,
    }),
    isKey ? 0 : 1,
  );
  const vp8 = new Vp8Descriptor();
  if (!vp8.read(payload, 0, payload.length)) throw new Error('unreadable');
  return vp8;
}

/** The ids that leave, given those that came. */
function rewritten(rewriter: PictureIdRewriter, vp8: Vp8Descriptor): [number, number] {
  const mask = vp8.pictureIdBytes === 2 ? 0x7fff : 0x7f;
  return [(vp8.pictureId + rewriter.addA) & mask, (vp8.tl0PicIdx + rewriter.addB) & 0xff];
}

describe('PictureIdRewriter', () => {
  test('leaves the first encoding as it is', () => {
    const rewriter = new PictureIdRewriter();
    const vp8 = frame(32_767, 255, 15, true);
    rewriter.switchTo(vp8);
    rewriter.rewrite(vp8, true);
    expect([rewriter.addA, rewriter.addB]).toEqual([0, 0]);
  });

  test.each([
    [0, 0],
    [1, 1],
    [16_383, 127],
    [16_384, 128],
    [32_766, 254],
    [32_767, 255],
  ])('after picture %i, TL0 %i a switch goes on with the next', (pictureId, tl0) => {
    const rewriter = new PictureIdRewriter();
    const first = frame(pictureId, tl0, 15, true);
    rewriter.switchTo(first);
    rewriter.rewrite(first, true);
    const second = frame(500, 77, 15, true);
    rewriter.switchTo(second);
    rewriter.rewrite(second, true);
    const next: [number, number] = [(pictureId + 1) & 0x7fff, (tl0 + 1) & 0xff];
    expect(rewritten(rewriter, second)).toEqual(next);
    const third = frame(501, 78, 15);
    rewriter.rewrite(third, true);
    expect(rewritten(rewriter, third)).toEqual([(next[0] + 1) & 0x7fff, (next[1] + 1) & 0xff]);
  });

  test('a late packet of an earlier picture keeps its own id', () => {
    const rewriter = new PictureIdRewriter();
    const first = frame(10, 10, 15, true);
    rewriter.switchTo(first);
    rewriter.rewrite(first, true);
    const switched = frame(100, 50, 15, true);
    rewriter.switchTo(switched);
    rewriter.rewrite(switched, true);
    rewriter.rewrite(frame(102, 52, 15), true);
    const late = frame(101, 51, 15);
    rewriter.rewrite(late, false);
    expect(rewritten(rewriter, late)).toEqual([12, 12]);
    const next = frame(103, 53, 15);
    rewriter.rewrite(next, true);
    expect(rewritten(rewriter, next)).toEqual([14, 14]);
  });

  test('an encoder that counts anew within one encoding goes on', () => {
    const rewriter = new PictureIdRewriter();
    const first = frame(20_000, 200, 15, true);
    rewriter.switchTo(first);
    rewriter.rewrite(first, true);
    const restarted = frame(5000, 190, 15, true);
    rewriter.rewrite(restarted, true);
    expect(rewritten(rewriter, restarted)).toEqual([20_001, 201]);
  });

  test('seven-bit ids wrap at 128', () => {
    const rewriter = new PictureIdRewriter();
    const first = frame(127, 0, 7, true);
    rewriter.switchTo(first);
    rewriter.rewrite(first, true);
    const second = frame(40, 9, 7, true);
    rewriter.switchTo(second);
    rewriter.rewrite(second, true);
    expect(rewritten(rewriter, second)).toEqual([0, 1]);
  });
});
