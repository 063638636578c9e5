import { describe, expect, test } from 'vitest';
import type { CandidatePair } from './candidate-pair.ts';
import type { IceCandidateType } from './contract.ts';
import { PairList } from './pair-list.ts';
import { address } from './testing/test-peer.ts';

const LOCAL_PRIORITY = 2_130_706_431;

function list(count: number, maxPairs = count): [PairList, CandidatePair[]] {
  const pairs = new PairList(maxPairs, LOCAL_PRIORITY);
  const made = Array.from({ length: count }, (_, i) => add(pairs, i));
  return [pairs, made];
}

function add(pairs: PairList, i: number, type: IceCandidateType = 'prflx'): CandidatePair {
  const pair = pairs.add(address('192.0.2.1', 5000 + i), type, 100 + i, undefined, i);
  if (pair === undefined) throw new Error('full');
  return pair;
}

describe('making room', () => {
  const another = address('192.0.2.2', 5000);

  test('a failed pair goes first, at once', () => {
    const [pairs, [, , failed]] = list(4);
    if (failed) failed.state = 'failed';
    expect(pairs.add(another, 'prflx', 1, undefined, 10)).toBeDefined();
    expect(pairs.all).not.toContain(failed);
    expect(pairs.all).toHaveLength(4);
  });

  test('else the one silent for longest, after 5 s', () => {
    const [pairs, [first]] = list(4);
    expect(pairs.add(another, 'prflx', 1, undefined, 4999)).toBeUndefined();
    expect(pairs.all).toHaveLength(4);
    expect(pairs.add(another, 'prflx', 1, undefined, 5000)).toBeDefined();
    expect(pairs.all).not.toContain(first);
  });

  test('never the selected one', () => {
    const [pairs, [selected]] = list(1);
    if (selected) selected.state = 'failed';
    expect(pairs.add(another, 'prflx', 1, selected, 1e9)).toBeUndefined();
    expect(pairs.all).toEqual([selected]);
  });
});

describe('the best valid pair', () => {
  test('is not relayed, then heard last, and never the excepted one', () => {
    const [pairs, made] = list(3, 8);
    expect(pairs.bestValid()).toBeUndefined();
    const [a, b, c] = made as [CandidatePair, CandidatePair, CandidatePair];
    for (const pair of made) pair.state = 'succeeded';
    expect(pairs.bestValid()).toBe(c);
    expect(pairs.bestValid(c)).toBe(b);
    c.type = 'relay';
    expect(pairs.bestValid()).toBe(b);
    a.heardMs = 100;
    expect(pairs.bestValid()).toBe(a);
    a.state = b.state = 'failed';
    expect(pairs.bestValid()).toBe(c);
    expect(pairs.bestValid(c)).toBeUndefined();
  });

  test('is only valid while it is in the list', () => {
    const [pairs, [pair]] = list(1);
    if (pair) pair.state = 'succeeded';
    expect(pairs.isValid(pair)).toBe(true);
    pairs.removeWhere(() => true);
    expect(pairs.isValid(pair)).toBe(false);
    expect(pairs.isValid(undefined)).toBe(false);
  });
});

describe('the next pair to check', () => {
  test('a triggered one before any other, else the highest priority that waits', () => {
    const [pairs, made] = list(3);
    const [a, b, c] = made as [CandidatePair, CandidatePair, CandidatePair];
    expect(pairs.nextToCheck(false)).toBe(c);
    expect(pairs.nextToCheck(true)).toBeUndefined();
    c.state = 'in-progress';
    expect(pairs.nextToCheck(false)).toBe(b);
    a.isTriggered = true;
    expect(pairs.nextToCheck(false)).toBe(a);
    expect(pairs.nextToCheck(true)).toBe(a);
  });
});
