import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  assumedHeight,
  type LayerState,
  type SelectableSource,
  type SelectionRequest,
  selectLayers,
} from './layer-selection.ts';

const RATES = [150_000, 500_000, 1_500_000];

const layers = (...active: readonly number[]): LayerState[] =>
  RATES.map((rate, index) => ({
    height: assumedHeight(index),
    bitrateBps: active.includes(index) ? rate : 0,
    isActive: active.includes(index),
  }));

const source = (ownerId: string, fields: Partial<SelectableSource> = {}): SelectableSource => ({
  name: `${ownerId}-v0`,
  ownerId,
  isDesktop: false,
  isAvailable: true,
  maxHeight: 720,
  layers: layers(0, 1, 2),
  ...fields,
});

const select = (fields: Partial<SelectionRequest>): Record<string, number> =>
  Object.fromEntries(
    selectLayers({
      sources: [],
      selected: [],
      onStage: [],
      lastN: -1,
      availableBps: Number.POSITIVE_INFINITY,
      ...fields,
    }).map(({ source: { ownerId }, layerIndex }) => [ownerId, layerIndex]),
  );

describe('layer selection', () => {
  test.each([
    [0, -1],
    [1, 0],
    [179, 0],
    [180, 0],
    [359, 0],
    [360, 1],
    [719, 1],
    [720, 2],
    [Number.POSITIVE_INFINITY, 2],
  ])(
    'a wanted height of %d gives layer %i; the lowest is always a candidate',
    (maxHeight, layer) => {
      expect(select({ sources: [source('a', { maxHeight })] })).toEqual({ a: layer });
    },
  );

  test.each([
    [[], 2],
    [[0], 0],
    [[1], 1],
    [[0, 1], 1],
    [[0, 2], 2],
  ])('of arriving layers %j the highest, of none any may come', (active, layer) => {
    expect(select({ sources: [source('a', { layers: layers(...active) })] })).toEqual({ a: layer });
  });

  test.each([
    [-1, { a: 2, b: 2, c: 2 }],
    [0, { a: -1, b: -1, c: -1 }],
    [1, { a: 2, b: -1, c: -1 }],
    [2, { a: 2, b: 2, c: -1 }],
    [99, { a: 2, b: 2, c: 2 }],
  ])('last-N %i counts in the order of speech', (lastN, expected) => {
    expect(select({ lastN, sources: [source('a'), source('b'), source('c')] })).toEqual(expected);
  });

  test('on stage comes before selected, selected before speech; those without video last', () => {
    const sources = [
      source('off', { isAvailable: false }),
      source('a'),
      source('b'),
      source('unwanted', { maxHeight: 0 }),
      source('c'),
      source('d'),
    ];
    const order = selectLayers({
      sources,
      selected: ['c', 'd-v0'],
      onStage: ['d'],
      lastN: 3,
      availableBps: Number.POSITIVE_INFINITY,
    }).map(({ source: { ownerId }, effectiveMaxHeight }) => [ownerId, effectiveMaxHeight]);
    expect(order).toEqual([
      ['d', 720],
      ['c', 720],
      ['a', 720],
      ['b', 0],
      ['off', 0],
      ['unwanted', 0],
    ]);
  });

  test('bandwidth goes round: everybody one layer before anybody two', () => {
    const sources = [source('a'), source('b')];
    expect(select({ sources, availableBps: 100_000 })).toEqual({ a: -1, b: -1 });
    expect(select({ sources, availableBps: 200_000 })).toEqual({ a: 0, b: -1 });
    expect(select({ sources, availableBps: 300_000 })).toEqual({ a: 0, b: 0 });
    expect(select({ sources, availableBps: 700_000 })).toEqual({ a: 1, b: 0 });
    expect(select({ sources, availableBps: 3_000_000 })).toEqual({ a: 2, b: 2 });
  });

  test('on stage a camera gets 360p first, a screen everything', () => {
    const onStage = ['b'];
    const camera = [source('a'), source('b')];
    expect(select({ sources: camera, onStage, availableBps: 600_000 })).toEqual({ a: -1, b: 1 });
    expect(select({ sources: camera, onStage, availableBps: 700_000 })).toEqual({ a: 0, b: 1 });
    const screen = [source('a'), source('b', { isDesktop: true })];
    expect(select({ sources: screen, onStage, availableBps: 1_600_000 })).toEqual({ a: -1, b: 2 });
    expect(select({ sources: screen, onStage, availableBps: 200_000 })).toEqual({ a: -1, b: 0 });
  });

  test('never sends more than there is, nor what is not wanted', () => {
    const anySource = fc.record({
      ownerId: fc.string({ minLength: 1, maxLength: 3 }),
      isDesktop: fc.boolean(),
      isAvailable: fc.boolean(),
      maxHeight: fc.constantFrom(0, 90, 180, 360, 720, Number.POSITIVE_INFINITY),
      active: fc.subarray([0, 1, 2]),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(anySource, { selector: ({ ownerId }) => ownerId, maxLength: 8 }),
        fc.integer({ min: -1, max: 9 }),
        fc.nat(5_000_000),
        fc.array(fc.string({ maxLength: 3 }), { maxLength: 3 }),
        (descriptions, lastN, availableBps, names) => {
          const sources = descriptions.map(({ ownerId, active, ...fields }) =>
            source(ownerId, { ...fields, layers: layers(...active) }),
          );
          const result = selectLayers({
            sources,
            selected: names,
            onStage: names.slice(1),
            lastN,
            availableBps,
          });
          expect(new Set(result.map((selection) => selection.source))).toEqual(new Set(sources));
          let usedBps = 0;
          let sent = 0;
          for (const { source: chosen, layerIndex, idealLayerIndex } of result) {
            expect(layerIndex).toBeLessThanOrEqual(idealLayerIndex);
            if (layerIndex < 0) continue;
            sent++;
            const layer = chosen.layers[layerIndex]!;
            usedBps += layer.bitrateBps;
            expect(chosen.isAvailable && chosen.maxHeight > 0).toBe(true);
            const hasActive = chosen.layers.some(({ isActive }) => isActive);
            expect(layer.isActive).toBe(hasActive);
          }
          expect(usedBps).toBeLessThanOrEqual(availableBps);
          if (lastN >= 0) expect(sent).toBeLessThanOrEqual(lastN);
        },
      ),
    );
  });
});
