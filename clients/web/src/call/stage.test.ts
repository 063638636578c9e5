import type { Participant } from '@conclave/sdk';
import { describe, expect, test } from 'vitest';
import { arrange, mostImportant, type StageWish, speakerAfter } from './stage.ts';
import type { TileModel } from './tile-model.ts';

const tile = (key: string, more: Partial<TileModel> = {}): TileModel => ({
  key,
  participantId: key.replace('-v1', ''),
  name: key,
  label: key,
  isSelf: key === 'me',
  isScreen: key.endsWith('-v1'),
  sourceName: undefined,
  stream: undefined,
  suspended: false,
  audioMuted: false,
  speaking: false,
  handRaised: false,
  quality: undefined,
  reaction: undefined,
  ...more,
});
const wish: StageWish = { view: 'tiles', pinnedKey: undefined, speakerId: undefined };
const three = ['me', 'a', 'b'].map((key) => tile(key));
const withScreen = [tile('b-v1'), ...three];
const keys = (tiles: readonly TileModel[]) => tiles.map(({ key }) => key);

describe('arrange', () => {
  test.each([
    ['all are alike', three, {}, []],
    ['who speaks is large', three, { view: 'speaker', speakerId: 'b' }, ['b']],
    ['while nobody spoke, the first of the others', three, { view: 'speaker' }, ['a']],
    ['who speaks has left', three, { view: 'speaker', speakerId: 'gone' }, ['a']],
    ['who was chosen is large', three, { pinnedKey: 'a', speakerId: 'b', view: 'speaker' }, ['a']],
    ['we may choose ourselves', three, { pinnedKey: 'me' }, ['me']],
    ['who was chosen has left', three, { pinnedKey: 'gone' }, []],
    ['a screen is large', withScreen, {}, ['b-v1']],
    ['a screen comes before who speaks', withScreen, { view: 'speaker', speakerId: 'a' }, ['b-v1']],
    ['who was chosen comes before a screen', withScreen, { pinnedKey: 'a' }, ['a']],
    ['alone', [tile('me')], { view: 'speaker', pinnedKey: 'me' }, []],
    ['one visitor looks at one person', [tile('a')], { view: 'speaker' }, []],
    ['a screen alone', [tile('b-v1')], {}, ['b-v1']],
    ['our own screen is not', [tile('me-v1', { isSelf: true }), ...three], {}, []],
    [
      'unless chosen',
      [tile('me-v1', { isSelf: true }), ...three],
      { pinnedKey: 'me-v1' },
      ['me-v1'],
    ],
  ] as const)('%s', (_, tiles, more, stage) => {
    const arrangement = arrange(tiles, { ...wish, ...more });
    expect(keys(arrangement.stage)).toEqual(stage);
    expect(keys([...arrangement.stage, ...arrangement.others]).sort()).toEqual(keys(tiles).sort());
  });
});

test.each([
  ['who speaks', three, { speakerId: 'b' }, 'b'],
  ['what is shared', withScreen, { speakerId: 'a' }, 'b-v1'],
  ['what was chosen', withScreen, { pinnedKey: 'a' }, 'a'],
  ['ourselves when alone', [tile('me')], {}, 'me'],
  ['nothing', [], {}, undefined],
] as const)('in a small window there is %s', (_, tiles, more, expected) => {
  expect(mostImportant(tiles, { ...wish, ...more })?.key).toBe(expected);
});

describe('speakerAfter', () => {
  const others = ['a', 'b'].map((id) => ({ id }) as Participant);
  test.each([
    [undefined, 'a', 'a'],
    ['a', 'b', 'b'],
    // We speak ourselves, or nobody has spoken yet.
    ['a', 'me', 'a'],
    ['a', undefined, 'a'],
    ['gone', 'me', undefined],
    [undefined, undefined, undefined],
  ])('after %j, with %j speaking, %j is large', (before, dominant, expected) => {
    expect(speakerAfter(before, dominant, others)).toBe(expected);
  });
});
