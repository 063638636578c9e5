import type { Participant, RemoteTrack } from '@conclave/sdk';
import { describe, expect, test } from 'vitest';
import { strings } from '../strings/strings.ts';
import { tilesOf, videoLayoutOf } from './tile-model.ts';

const person = (id: string, more: Partial<Participant> = {}): Participant => ({
  id,
  jid: undefined,
  displayName: id.toUpperCase(),
  isModerator: false,
  isVisitor: false,
  sources: [
    { name: `${id}-a0`, type: 'audio', muted: false, videoType: 'camera' },
    { name: `${id}-v0`, type: 'video', muted: false, videoType: 'camera' },
  ],
  audioMuted: false,
  videoMuted: false,
  raisedHand: false,
  handRaisedMs: 0,
  ...more,
});
/** Only its identity matters here. */
const stream = {} as MediaStream;
const track = (owner: string, name: string, more: Partial<RemoteTrack> = {}): RemoteTrack => ({
  sourceName: name,
  owner,
  type: name.includes('-v') ? 'video' : 'audio',
  videoType: 'camera',
  stream,
  ...more,
});

const base = {
  qualities: new Map<string, number>(),
  reactions: new Map<string, string>(),
  self: person('me', { displayName: '' }),
  selfStream: undefined,
  screenStream: undefined,
  participants: [],
  tracks: [],
  dominantSpeaker: undefined,
  forwarded: undefined,
  showsPictures: true,
};

describe('tilesOf', () => {
  test('alone there is our own tile', () => {
    expect(tilesOf(base)).toMatchObject([{ key: 'me', isSelf: true, label: strings.call.you }]);
  });

  test('the screen that we share is shown to ourselves, and asked of nobody', () => {
    const tiles = tilesOf({ ...base, screenStream: stream });
    expect(tiles).toMatchObject([
      { label: strings.call.yourScreen, isSelf: true, isScreen: true, stream },
      { key: 'me', isScreen: false },
    ]);
    const heights = new Map(tiles.map(({ key }) => [key, 500]));
    const wish = { stageKeys: new Set(heights.keys()), pixelRatio: 1, limitPx: 720 };
    expect(videoLayoutOf(tiles, heights, wish).onStage).toEqual([]);
  });

  test('who wants voices only sees nobody, and nothing is said to be wrong', () => {
    const tiles = tilesOf({
      ...base,
      participants: [person('a')],
      tracks: [track('a', 'a-v0')],
      forwarded: new Set(),
      showsPictures: false,
    });
    expect(tiles[1]).toMatchObject({ stream: undefined, suspended: false });
  });

  test('who looks on has no tile', () => {
    expect(tilesOf({ ...base, self: person('me', { isVisitor: true }) })).toEqual([]);
  });

  test('others come after us, each with the camera that is on', () => {
    const tiles = tilesOf({
      ...base,
      participants: [person('a'), person('b', { displayName: '' })],
      tracks: [track('a', 'a-v0'), track('a', 'a-a0')],
      dominantSpeaker: 'b',
    });
    expect(tiles.map(({ label, sourceName, speaking }) => [label, sourceName, speaking])).toEqual([
      [strings.call.you, undefined, false],
      ['A', 'a-v0', false],
      // Its picture does not come yet, but is asked for.
      [strings.call.guest, 'b-v0', true],
    ]);
  });

  test('a camera that is muted, or was never announced, shows no picture', () => {
    const muted = [{ name: 'a-v0', type: 'video', muted: true, videoType: 'camera' }] as const;
    const tiles = tilesOf({
      ...base,
      participants: [person('a', { sources: muted }), person('b', { sources: [] })],
      tracks: [track('a', 'a-v0'), track('b', 'b-v0')],
    });
    expect(tiles.map(({ stream: shown }) => shown)).toEqual([undefined, undefined, undefined]);
  });

  test('a shared screen is a tile of its own, before all others', () => {
    const sources = [
      { name: 'a-v0', type: 'video', muted: false, videoType: 'camera' },
      { name: 'a-v1', type: 'video', muted: false, videoType: 'desktop' },
    ] as const;
    const tiles = tilesOf({
      ...base,
      participants: [person('a', { sources })],
      tracks: [track('a', 'a-v0'), track('a', 'a-v1', { videoType: 'desktop' })],
      dominantSpeaker: 'a',
    });
    expect(tiles.map(({ key, isScreen, speaking }) => [key, isScreen, speaking])).toEqual([
      ['a-v1', true, false],
      ['me', false, false],
      ['a', false, true],
    ]);
  });

  test('a picture that the bridge does not send is suspended, once it has said so', () => {
    const input = { ...base, participants: [person('a')], tracks: [track('a', 'a-v0')] };
    const suspended = (forwarded: ReadonlySet<string> | undefined) =>
      tilesOf({ ...input, forwarded })[1]?.suspended;
    expect(suspended(undefined)).toBe(false);
    expect(suspended(new Set(['a-v0']))).toBe(false);
    expect(suspended(new Set())).toBe(true);
  });

  test('who is muted does not speak', () => {
    const tiles = tilesOf({
      ...base,
      participants: [person('a', { audioMuted: true })],
      dominantSpeaker: 'a',
    });
    expect(tiles[1]?.speaking).toBe(false);
  });
});

describe('videoLayoutOf', () => {
  const wish = { stageKeys: new Set(['b-v1']), pixelRatio: 1, limitPx: Number.POSITIVE_INFINITY };
  const tiles = tilesOf({
    ...base,
    participants: [
      person('a'),
      person('b', {
        sources: [{ name: 'b-v1', type: 'video', muted: false, videoType: 'desktop' }],
      }),
    ],
    tracks: [track('a', 'a-v0'), track('b', 'b-v1')],
  });

  test('asks for what is on screen in its size, for shared screens first', () => {
    const visible = new Map([
      ['b-v1', 600],
      ['a', 150],
      ['me', 150],
    ]);
    expect(videoLayoutOf(tiles, visible, { ...wish, pixelRatio: 2 })).toEqual({
      onStage: ['b-v1'],
      heightsPx: new Map([
        ['b-v1', 1200],
        ['a-v0', 300],
      ]),
      defaultHeightPx: 300,
    });
  });

  test.each([
    [360, 360, 900, 360],
    [180, 180, 900, 180],
    [0, 0, 0, 0],
  ])(
    'who wants cameras of at most %i px gets the screen whole, or nothing',
    (limitPx, a, b, next) => {
      const visible = new Map([
        ['b-v1', 900],
        ['a', 500],
      ]);
      const layout = videoLayoutOf(tiles, visible, { ...wish, limitPx });
      expect([layout.heightsPx.get('a-v0'), layout.heightsPx.get('b-v1')]).toEqual([a, b]);
      expect(layout.defaultHeightPx).toBe(next);
      expect(layout.onStage).toEqual(b === 0 ? [] : ['b-v1']);
    },
  );

  test('who is large is asked for first, and who comes next will be small', () => {
    const visible = new Map([
      ['b-v1', 150],
      ['a', 600],
      ['me', 150],
    ]);
    const layout = videoLayoutOf(tiles, visible, { ...wish, stageKeys: new Set(['a']) });
    expect(layout.onStage).toEqual(['a-v0']);
    expect(layout.defaultHeightPx).toBe(150);
  });

  test('asks for nothing that is scrolled away', () => {
    const layout = videoLayoutOf(tiles, new Map([['me', 150]]), wish);
    expect(layout.heightsPx).toEqual(
      new Map([
        ['b-v1', 0],
        ['a-v0', 0],
      ]),
    );
    expect(layout.onStage).toEqual([]);
  });

  test('screens with more than two device pixels per CSS pixel ask for no more', () => {
    expect(
      videoLayoutOf(tiles, new Map([['a', 100]]), { ...wish, pixelRatio: 4 }).heightsPx.get('a-v0'),
    ).toBe(200);
  });

  test('in a large room only names what can be seen', () => {
    const many = tilesOf({
      ...base,
      participants: Array.from({ length: 600 }, (_, i) => person(`p${i}`)),
    });
    const visible = new Map([
      ['p5', 150],
      ['p6', 150],
    ]);
    expect(videoLayoutOf(many, visible, wish)).toEqual({
      onStage: [],
      heightsPx: new Map([
        ['p5-v0', 150],
        ['p6-v0', 150],
      ]),
      defaultHeightPx: 0,
    });
  });
});
