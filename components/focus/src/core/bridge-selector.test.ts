import type { BridgeStatus } from '@conclave/protocols/colibri';
import { describe, expect, test } from 'vitest';
import { BridgeSelector } from './bridge-selector.ts';

function selector(stresses: Record<string, number>, maySpan = true) {
  const time = { nowMs: 0 };
  const bridges = (): BridgeStatus[] =>
    Object.entries(stresses).map(([id, stress]) => ({ id, stress, isOperational: stress >= 0 }));
  const clock = { nowMs: () => time.nowMs, wallMs: () => 0 };
  const options = {
    maySpan,
    overloadStress: 0.8,
    maxEndpointsPerConference: 3,
    endpointStress: 0.01,
  };
  const subject = new BridgeSelector(clock, bridges, options);
  const select = (counts: Record<string, number> = {}) =>
    subject.select(new Map(Object.entries(counts)));
  return { subject, select, stresses, time };
}

describe('BridgeSelector', () => {
  test('a new conference goes to the least loaded bridge that is up', () => {
    const { select, stresses } = selector({ a: 0.3, b: 0.1, c: -1 });
    expect(select()).toBe('b');
    stresses.b = 0.5;
    expect(select()).toBe('a');
    stresses.a = stresses.b = -1;
    expect(select()).toBeUndefined();
  });

  test('who joined lately counts although it does not show yet', () => {
    const { select, time } = selector({ a: 0, b: 0.025 });
    expect([select(), select(), select(), select()]).toEqual(['a', 'a', 'a', 'b']);
    time.nowMs = 20_000;
    expect(select()).toBe('a');
  });

  test('a conference stays together until its bridge is full or overloaded', () => {
    const { select, stresses } = selector({ a: 0.7, b: 0.1 });
    expect(select({ a: 2 })).toBe('a');
    expect(select({ a: 3 })).toBe('b');
    expect(select({ a: 3, b: 1 })).toBe('b');
    stresses.a = 0.9;
    expect(select({ a: 1 })).toBe('b');
  });

  test('when all are overloaded it stays where there is room, else it goes to the least loaded', () => {
    const { select } = selector({ a: 1.2, b: 0.9 });
    expect(select({ a: 1 })).toBe('a');
    expect(select({ a: 3 })).toBe('b');
    expect(select({ a: 3, b: 3 })).toBe('b');
  });

  test('that may not span stays where it is', () => {
    const { select } = selector({ a: 1, b: 0 }, false);
    expect(select({ a: 9 })).toBe('a');
  });

  test('a bridge that failed is not chosen until it is back, whatever it says of itself', () => {
    const { subject, select } = selector({ a: 0, b: 0.5 });
    subject.failed('a');
    expect(subject.isUp('a')).toBe(false);
    expect(select({ a: 1 })).toBe('b');
    subject.restored('a');
    expect(select()).toBe('a');
  });
});
