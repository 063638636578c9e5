import { expect, test } from 'vitest';
import { problemOf } from './poll-form.tsx';
import { percentOf } from './poll-results.tsx';

test.each([
  ['', ['yes', 'no'], 'question'],
  ['Lunch?', [], 'answers'],
  ['Lunch?', ['yes'], 'answers'],
  ['Lunch?', ['yes', 'yes'], 'same'],
  ['Lunch?', ['yes', 'no'], undefined],
] as const)('a question needs two different answers: %s %j', (question, answers, problem) => {
  expect(problemOf(question, answers)).toBe(problem);
});

test.each([
  [0, 0, 0],
  [1, 3, 33],
  [2, 3, 67],
  [3, 3, 100],
])('%i of %i are %i %%', (votes, voters, percent) => {
  expect(percentOf(votes, voters)).toBe(percent);
});
