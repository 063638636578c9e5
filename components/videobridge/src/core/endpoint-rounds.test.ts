import { describe, expect, it } from 'vitest';
import { EndpointRounds, ROUND_MS } from './endpoint-rounds.ts';

describe('EndpointRounds', () => {
  const visitsOf = (rounds: EndpointRounds<string>, members: string[], nowMs: number) => {
    const visited: string[] = [];
    rounds.advance(
      () => members,
      nowMs,
      (member) => visited.push(member),
    );
    return visited;
  };

  it('visits everybody once a round, evenly spread', () => {
    const rounds = new EndpointRounds<string>();
    const members = ['a', 'b', 'c', 'd', 'e'];
    expect(visitsOf(rounds, members, 0)).toEqual([]);
    expect(visitsOf(rounds, members, ROUND_MS / 5)).toEqual(['a']);
    expect(visitsOf(rounds, members, (ROUND_MS * 2) / 5)).toEqual(['b']);
    expect(visitsOf(rounds, members, (ROUND_MS * 4) / 5)).toEqual(['c', 'd']);
    expect(visitsOf(rounds, members, ROUND_MS * 3)).toEqual(['e']);
    expect(visitsOf(rounds, members, ROUND_MS * 3 + 20)).toEqual([]);
    expect(visitsOf(rounds, members, ROUND_MS * 4)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('takes newcomers into the next round', () => {
    const rounds = new EndpointRounds<string>();
    visitsOf(rounds, ['a'], 0);
    expect(visitsOf(rounds, ['a', 'b'], ROUND_MS - 1)).toEqual(['a']);
    visitsOf(rounds, ['a', 'b'], ROUND_MS);
    expect(visitsOf(rounds, ['a', 'b'], 2 * ROUND_MS - 1)).toEqual(['a', 'b']);
  });
});
