import { expect, test } from 'vitest';
import { TestBridge } from '../../test/test-bridge.ts';

/** The names of what somebody is sent who asks for this, of the cameras of a, b, c, d and e. */
function sent(constraints: object, speaker?: string): readonly string[] | undefined {
  const bridge = new TestBridge();
  const senders = ['a', 'b', 'c', 'd', 'e'].map((id) => bridge.join(id));
  const watcher = bridge.join('watcher');
  if (speaker !== undefined) {
    for (let i = 0; i < 100; i++) {
      senders.find(({ id }) => id === speaker)?.sendAudio(i % 5 === 0 ? 5 : 15);
      bridge.advance(20);
    }
  }
  watcher.want(constraints);
  return watcher.heard('ForwardedSources').at(-1)?.forwardedSources;
}

const NOBODY_ELSE = { defaultConstraints: { maxHeight: 0 } };

test.each([
  ['as many as it gets', { lastN: 2 }, ['a-v0', 'b-v0']],
  [
    'one it names, and the first of the others',
    { lastN: 2, selectedSources: ['e-v0'] },
    ['e-v0', 'a-v0'],
  ],
  [
    'by its endpoint, named twice',
    { lastN: 2, selectedEndpoints: ['e'], onStageSources: ['e-v0'] },
    ['e-v0', 'a-v0'],
  ],
  ['without limit', { lastN: -1 }, ['a-v0', 'b-v0', 'c-v0', 'd-v0', 'e-v0']],
  [
    'not what it wants nothing of',
    { lastN: 2, constraints: { 'a-v0': { maxHeight: 0 } } },
    ['b-v0', 'c-v0'],
  ],
  ['nobody', { lastN: 0, selectedSources: ['e-v0'] }, []],
  ['nobody that is not there', { lastN: 1, ...NOBODY_ELSE, selectedSources: ['x-v0'] }, []],
  [
    'nobody else, and those in order',
    {
      lastN: 2,
      ...NOBODY_ELSE,
      constraints: {
        'd-v0': { maxHeight: 180 },
        c: { maxHeight: 180 },
        'e-v0': { maxHeight: 180 },
      },
    },
    ['c-v0', 'd-v0'],
  ],
  ['named, but not wanted', { lastN: 2, ...NOBODY_ELSE, selectedSources: ['e-v0'] }, []],
])('%s', (_name, constraints, expected) => {
  expect(sent(constraints)).toEqual(expected);
});

test('who spoke last comes first', () => {
  expect(sent({ lastN: 2 }, 'd')).toEqual(['d-v0', 'a-v0']);
  const constraints = Object.fromEntries(['a', 'd'].map((id) => [`${id}-v0`, { maxHeight: 180 }]));
  expect(sent({ lastN: 1, ...NOBODY_ELSE, constraints }, 'd')).toEqual(['d-v0']);
});
