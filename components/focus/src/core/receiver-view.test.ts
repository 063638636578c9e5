import type { SignalledGroup, SignalledSource } from '@conclave/protocols/jingle';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { viewOf, withOneVideo } from './receiver-view.ts';
import { checkSourceSet, type SourceSet, withNames } from './source-set.ts';

const LIMITS = { maxSsrcsPerParticipant: 20, maxGroupsPerParticipant: 20 };

function setOf(sources: readonly SignalledSource[], groups: readonly SignalledGroup[]): SourceSet {
  return { sources: new Map(sources.map((source) => [source.ssrc, source])), groups };
}

/** Sources of random shapes: `layers` simulcast layers, with or without RTX. */
const shapes = fc.array(
  fc.record({ isVideo: fc.boolean(), layers: fc.integer({ min: 1, max: 3 }), rtx: fc.boolean() }),
  { maxLength: 3 },
);

function build(items: readonly { isVideo: boolean; layers: number; rtx: boolean }[]): SourceSet {
  const sources: SignalledSource[] = [];
  const groups: SignalledGroup[] = [];
  let ssrc = 1;
  for (const [index, { isVideo, layers, rtx }] of items.entries()) {
    const type = isVideo ? 'video' : 'audio';
    const primaries = Array.from({ length: layers }, () => ssrc++);
    for (const primary of primaries) {
      sources.push({ type, ssrc: primary, msid: `s t${index}` });
      if (!rtx) continue;
      sources.push({ type, ssrc, msid: `s t${index}` });
      groups.push({ type, semantics: 'FID', ssrcs: [primary, ssrc++] });
    }
    if (layers > 1) groups.push({ type, semantics: 'SIM', ssrcs: primaries });
  }
  return setOf(sources, groups);
}

describe('what receivers are told', () => {
  test('one SSRC per source, its RTX, and a group of exactly these', () => {
    fc.assert(
      fc.property(shapes, (items) => {
        const set = withNames(build(items), 'ep');
        expect(checkSourceSet(set, 'ep', LIMITS)).toBeUndefined();
        const view = viewOf(set);
        expect(view).toHaveLength(items.length);
        for (const [index, { rtx }] of items.entries()) {
          const viewed = view[index]!;
          expect(viewed.sources).toHaveLength(rtx ? 2 : 1);
          expect(new Set(viewed.sources.map(({ name, msid }) => `${name} ${msid}`)).size).toBe(1);
          const ssrcs = viewed.sources.map(({ ssrc }) => ssrc);
          expect(viewed.groups.map((g) => [g.semantics, g.ssrcs])).toEqual(
            rtx ? [['FID', ssrcs]] : [],
          );
        }
      }),
    );
  });

  test('the order of groups and members does not matter for names', () => {
    const set = build([{ isVideo: true, layers: 3, rtx: true }]);
    const reversed = setOf([...set.sources.values()].reverse(), [...set.groups].reverse());
    expect(viewOf(withNames(reversed, 'ep')).map(({ sources }) => sources)).toEqual(
      viewOf(withNames(set, 'ep')).map(({ sources }) => sources),
    );
  });

  test('a source without msid is left out, as clients cannot see it', () => {
    const set = withNames(setOf([{ type: 'video', ssrc: 1 }], []), 'ep');
    expect(checkSourceSet(set, 'ep', LIMITS)).toBeUndefined();
    expect(viewOf(set)).toEqual([]);
  });

  test('of several videos old clients get the screen, or else the first', () => {
    const camera: SignalledSource = { type: 'video', ssrc: 1, name: 'ep-v0', msid: 'a b' };
    const screen: SignalledSource = {
      type: 'video',
      ssrc: 2,
      name: 'ep-v1',
      msid: 'c d',
      videoType: 'desktop',
    };
    const microphone: SignalledSource = { type: 'audio', ssrc: 3, name: 'ep-a0', msid: 'e f' };
    const names = (sources: SignalledSource[]) =>
      withOneVideo(viewOf(setOf(sources, []))).map(({ name }) => name);
    expect(names([microphone, camera, screen])).toEqual(['ep-a0', 'ep-v1']);
    expect(names([microphone, camera])).toEqual(['ep-a0', 'ep-v0']);
    expect(names([microphone])).toEqual(['ep-a0']);
  });
});

describe('names for sources that have none', () => {
  test('the lowest free number of the medium; SSRCs of a source share it', () => {
    const set = build([
      { isVideo: true, layers: 2, rtx: true },
      { isVideo: false, layers: 1, rtx: false },
      { isVideo: true, layers: 1, rtx: false },
    ]);
    const taken = { ...set.sources.get(6)!, name: 'ep-v0' };
    const mixed = { sources: new Map(set.sources).set(6, taken), groups: set.groups };
    const names = [...withNames(mixed, 'ep').sources].map(([ssrc, { name }]) => [ssrc, name]);
    expect(Object.fromEntries(names)).toEqual({
      1: 'ep-v1',
      2: 'ep-v1',
      3: 'ep-v1',
      4: 'ep-v1',
      5: 'ep-a0',
      6: 'ep-v0',
    });
  });
});
