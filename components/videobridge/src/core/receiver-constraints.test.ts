import { describe, expect, test } from 'vitest';
import { ReceiverConstraints } from './receiver-constraints.ts';

describe('ReceiverConstraints', () => {
  test('wants nothing before the first message, 180 after one that says nothing', () => {
    const constraints = new ReceiverConstraints(-1);
    expect(constraints.maxHeight('a-v0', 'a')).toBe(0);
    constraints.apply({ colibriClass: 'LastNChangedEvent', lastN: 4 });
    expect(constraints.maxHeight('a-v0', 'a')).toBe(0);
    expect(constraints.lastN).toBe(4);
    constraints.apply({ colibriClass: 'ReceiverVideoConstraints' });
    expect(constraints.maxHeight('a-v0', 'a')).toBe(180);
    expect(constraints.lastN).toBe(4);
  });

  test('absent fields leave what was said before', () => {
    const constraints = new ReceiverConstraints(-1);
    constraints.apply({
      colibriClass: 'ReceiverVideoConstraints',
      lastN: 5,
      onStageSources: ['a-v0'],
      defaultConstraints: { maxHeight: 90 },
      constraints: { 'a-v0': { maxHeight: 720 }, 'b-v0': { maxHeight: -1 } },
    });
    constraints.apply({ colibriClass: 'ReceiverVideoConstraints', selectedSources: ['c-v0'] });
    expect(constraints.lastN).toBe(5);
    expect([...constraints.onStage.keys()]).toEqual(['a-v0']);
    expect([...constraints.selected.keys()]).toEqual(['c-v0']);
    expect(constraints.maxHeight('a-v0', 'a')).toBe(720);
    expect(constraints.maxHeight('b-v0', 'b')).toBe(Number.POSITIVE_INFINITY);
    expect(constraints.maxHeight('c-v0', 'c')).toBe(90);
  });

  test('a frame rate of 0 is "never"; whoever has constraints of their own has no other limit', () => {
    const constraints = new ReceiverConstraints(-1);
    expect(constraints.hasFrameRates).toBe(false);
    constraints.apply({
      colibriClass: 'ReceiverVideoConstraints',
      defaultConstraints: { maxHeight: 180, maxFrameRate: 15 },
      constraints: {
        'a-v0': { maxHeight: 720 },
        'b-v0': { maxHeight: 720, maxFrameRate: 0 },
        'c-v0': { maxHeight: 720, maxFrameRate: -1 },
      },
    });
    const read = (name: string) => [
      constraints.maxHeight(`${name}-v0`, name),
      constraints.maxFrameRate(`${name}-v0`, name),
    ];
    expect(read('a')).toEqual([720, Number.POSITIVE_INFINITY]);
    expect(read('b')).toEqual([0, 0]);
    expect(read('c')).toEqual([720, Number.POSITIVE_INFINITY]);
    expect(read('d')).toEqual([180, 15]);
    expect(constraints.hasFrameRates).toBe(true);
    constraints.apply({
      colibriClass: 'ReceiverVideoConstraints',
      defaultConstraints: { maxHeight: 180 },
      constraints: {},
    });
    expect(read('d')).toEqual([180, Number.POSITIVE_INFINITY]);
    expect(constraints.hasFrameRates).toBe(false);
  });

  test('takes the forms of 2021: endpoints instead of sources, one height for all', () => {
    const constraints = new ReceiverConstraints(-1);
    constraints.apply({
      colibriClass: 'ReceiverVideoConstraints',
      onStageEndpoints: ['a'],
      selectedEndpoints: ['b'],
      constraints: { a: { maxHeight: 720 } },
    });
    expect([...constraints.onStage.keys()]).toEqual(['a']);
    expect([...constraints.selected.keys()]).toEqual(['b']);
    expect(constraints.maxHeight('a-v0', 'a')).toBe(720);
    constraints.apply({
      colibriClass: 'SelectedEndpointsChangedEvent',
      selectedEndpoints: ['c'],
    });
    constraints.apply({ colibriClass: 'ReceiverVideoConstraint', maxFrameHeight: 360 });
    expect([...constraints.selected.keys()]).toEqual(['c']);
    expect(constraints.maxHeight('z-v0', 'z')).toBe(360);
  });

  test('a source called like a property of Object has no constraint by that', () => {
    const constraints = new ReceiverConstraints(-1);
    constraints.apply({ colibriClass: 'ReceiverVideoConstraints', constraints: {} });
    expect(constraints.maxHeight('constructor', 'toString')).toBe(180);
  });

  test('other messages are not about constraints', () => {
    const constraints = new ReceiverConstraints(-1);
    expect(constraints.apply({ colibriClass: 'ClientHello' })).toBe(false);
    expect(constraints.hasSpoken).toBe(false);
  });
});
