/** Servers that failed lately are asked last, and a second's pause follows when all have failed. */
import { expect, test } from 'vitest';
import { FailOver } from './fail-over.ts';

test('the order named, with the failed ones behind until half a minute has passed', () => {
  const servers = new FailOver(['a', 'b', 'c']);
  expect(servers.candidates(0)).toEqual(['a', 'b', 'c']);
  servers.handleFailure('a', 1_000);
  expect(servers.candidates(1_000)).toEqual(['b', 'c', 'a']);
  servers.handleFailure('b', 2_000);
  expect(servers.candidates(2_000)).toEqual(['c', 'a', 'b']);
  expect(servers.candidates(31_000)).toEqual(['a', 'c', 'b']);
  servers.handleSuccess('b');
  expect(servers.candidates(31_000)).toEqual(['a', 'b', 'c']);
});

test('nobody is asked in the second after all have failed', () => {
  const servers = new FailOver(['a', 'b']);
  servers.handleFailure('a', 0);
  servers.handleFailure('b', 500);
  expect(servers.candidates(900)).toEqual([]);
  expect(servers.candidates(1_000)).toEqual(['a', 'b']);
});
