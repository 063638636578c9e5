import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MediaLines, type RemoteSource } from './media-lines.ts';

function source(type: 'audio' | 'video', name: string, ssrc: number): RemoteSource {
  return { type, name, ssrcs: [ssrc], groups: [] };
}

describe('MediaLines', () => {
  test('begins with our own microphone and camera', () => {
    expect(new MediaLines().lines).toEqual([
      { mid: '0', type: 'audio', own: true, source: undefined },
      { mid: '1', type: 'video', own: true, source: undefined },
    ]);
  });

  test('uses the line of a source that left for the next of the same type', () => {
    const lines = new MediaLines();
    lines.add(source('video', 'a-v0', 1));
    lines.add(source('audio', 'a-a0', 2));
    expect(lines.remove('a-v0')?.name).toBe('a-v0');
    lines.add(source('audio', 'b-a0', 3));
    lines.add(source('video', 'b-v0', 4));
    expect(lines.lines.map((line) => line.source?.name)).toEqual([
      undefined,
      undefined,
      'b-v0',
      'a-a0',
      'b-a0',
    ]);
  });

  test('a shared screen gets a line once', () => {
    const lines = new MediaLines();
    lines.add(source('video', 'a-v0', 1));
    expect([lines.addScreen(), lines.addScreen()]).toEqual(['3', '3']);
    lines.add(source('video', 'b-v0', 2));
    expect(lines.lines.map(({ own, isScreen = false }) => [own, isScreen])).toEqual([
      [true, false],
      [true, false],
      [false, false],
      [true, true],
      [false, false],
    ]);
  });

  describe('a source that comes back to the line it had left', () => {
    const ssrcs = (lines: ReturnType<MediaLines['takeDetour']>) =>
      lines?.map((line) => line.source?.ssrcs);

    test('stands there under another SSRC for a moment', () => {
      const lines = new MediaLines();
      lines.add({ ...source('video', 'a-v1', 7), ssrcs: [7, 8] });
      lines.add(source('video', 'b-v0', 9));
      expect(lines.takeDetour()).toBeUndefined();
      lines.remove('a-v1');
      lines.add({ ...source('video', 'a-v1', 7), ssrcs: [7, 8] });
      // Neither 8 nor 9: they are taken.
      expect(ssrcs(lines.takeDetour())).toEqual([undefined, undefined, [10], [9]]);
      expect(lines.takeDetour()).toBeUndefined();
      expect(ssrcs(lines.lines)).toEqual([undefined, undefined, [7, 8], [9]]);
    });

    test('makes no detour when it was gone again meanwhile, or is another', () => {
      const lines = new MediaLines();
      lines.add(source('video', 'a-v1', 0xffff_ffff));
      lines.remove('a-v1');
      lines.add(source('video', 'a-v1', 0xffff_ffff));
      lines.remove('a-v1');
      expect(lines.takeDetour()).toBeUndefined();
      lines.add(source('video', 'b-v0', 5));
      expect(lines.takeDetour()).toBeUndefined();
      lines.remove('b-v0');
      lines.add(source('video', 'b-v0', 5));
      expect(ssrcs(lines.takeDetour())).toEqual([undefined, undefined, [6]]);
    });

    test('finds another SSRC at the end of the range too', () => {
      const lines = new MediaLines();
      lines.add(source('video', 'a-v1', 0xffff_ffff));
      lines.remove('a-v1');
      lines.add(source('video', 'a-v1', 0xffff_ffff));
      expect(ssrcs(lines.takeDetour())).toEqual([undefined, undefined, [1]]);
    });
  });

  test.each([
    ['a name that is there', source('video', 'a-v0', 9)],
    ['an SSRC that is there', source('audio', 'x-a0', 1)],
    ['no SSRC at all', { type: 'audio', name: 'y-a0', ssrcs: [], groups: [] } as const],
  ])('refuses %s', (_, refused) => {
    const lines = new MediaLines();
    expect(lines.add(source('video', 'a-v0', 1))).toBe(true);
    expect(lines.add(refused)).toBe(false);
    expect(lines.lines).toHaveLength(3);
  });

  test('refuses the SSRC of the mixed source', () => {
    const lines = new MediaLines();
    lines.setMixedSource(source('audio', 'jvb-a0', 5));
    expect(lines.add(source('audio', 'a-a0', 5))).toBe(false);
  });

  test('holds no more than it may', () => {
    const lines = new MediaLines(2);
    expect([1, 2, 3].map((ssrc) => lines.add(source('audio', `${ssrc}-a0`, ssrc)))).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('removing what is not there, or our own, changes nothing', () => {
    const lines = new MediaLines();
    lines.setMixedSource(source('audio', 'jvb-a0', 5));
    expect(lines.remove('jvb-a0')).toBeUndefined();
    expect(lines.remove('nobody')).toBeUndefined();
    expect(lines.lines[0]?.source?.name).toBe('jvb-a0');
  });

  test('mids are the index, types never change, whatever comes and goes', () => {
    const step = fc.record({
      add: fc.boolean(),
      type: fc.constantFrom<'audio' | 'video'>('audio', 'video'),
      id: fc.integer({ min: 1, max: 12 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const lines = new MediaLines();
        const types: string[] = ['audio', 'video'];
        for (const { add, type, id } of steps) {
          if (add) lines.add(source(type, `${type}${id}`, type === 'audio' ? id : 100 + id));
          else lines.remove(`${type}${id}`);
          for (const [index, line] of lines.lines.entries()) {
            expect(line.mid).toBe(String(index));
            types[index] ??= line.type;
            expect(line.type).toBe(types[index]);
          }
          const names = lines.lines.flatMap((line) => line.source?.name ?? []);
          expect(new Set(names).size).toBe(names.length);
        }
        expect(lines.lines.length).toBeLessThanOrEqual(2 + 24);
      }),
    );
  });
});
