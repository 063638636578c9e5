import { expect, test } from 'vitest';
import { deviceProblems } from './device-problems.ts';

test.each([
  [undefined, undefined, []],
  ['busy', undefined, [['audio']]],
  [undefined, 'denied', [['video']]],
  ['missing', 'denied', [['audio'], ['video']]],
  // One sentence is enough.
  ['denied', 'denied', [['audio', 'video']]],
] as const)('with the microphone %s and the camera %s', (audio, video, kinds) => {
  const problems = deviceProblems(audio, video);
  expect(problems.map((problem) => problem.kinds)).toEqual(kinds);
  expect(new Set(problems.map(({ text }) => text)).size).toBe(kinds.length);
});
