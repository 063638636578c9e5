import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  assumedHeight,
  LayerSelector,
  type LayerState,
  prioritiesOf,
  type SelectableSource,
  type SourceSelection,
} from './layer-selection.ts';

const RATES = [150_000, 500_000, 1_500_000];

const layers = (...active: readonly number[]): LayerState[] =>
  RATES.map((rate, index) => ({
    height: assumedHeight(index),
    bitrateBps: active.includes(index) ? rate : 0,
    peakBps: rate,
    steadyBps: active.includes(index) ? rate : 0,
    isActive: active.includes(index),
    isFullRate: true,
    frameRate: 0,
    isApart: false,
  }));

/** Each encoding at a quarter, half and the full frame rate: indexes 0-2 180p, 3-5 360p, 6-8 720p. */
const LADDER: readonly LayerState[] = RATES.flatMap((rate, index) =>
  [0.5, 0.7, 1].map((part) => ({
    height: assumedHeight(index),
    bitrateBps: rate * part,
    peakBps: rate * part,
    steadyBps: rate * part,
    isActive: true,
    isFullRate: part === 1,
    frameRate: { 0.5: 7.5, 0.7: 15, 1: 30 }[part] ?? 0,
    isApart: false,
  })),
);

const source = (ownerId: string, fields: Partial<SelectableSource> = {}): SelectableSource => ({
  name: `${ownerId}-v0`,
  ownerId,
  isDesktop: false,
  isAvailable: true,
  maxHeight: 720,
  maxFrameRate: Number.POSITIVE_INFINITY,
  layers: layers(0, 1, 2),
  ...fields,
});

interface Wishes {
  readonly sources: readonly SelectableSource[];
  readonly selected?: readonly string[];
  readonly onStage?: readonly string[];
  readonly lastN?: number;
  readonly availableBps?: number;
}

/** One for all tests: what was chosen before must not matter. */
const selector = new LayerSelector();

function selectLayers(wishes: Wishes): readonly SourceSelection[] {
  const { sources, lastN = -1, availableBps = Number.POSITIVE_INFINITY } = wishes;
  const selected = prioritiesOf(wishes.selected ?? []);
  const onStage = prioritiesOf(wishes.onStage ?? []);
  return selector.select({ sources, lastN, availableBps, selected, onStage });
}

/** Of all sources, by owner; -1 for none. */
const select = (wishes: Wishes): Record<string, number> => ({
  ...Object.fromEntries(wishes.sources.map(({ ownerId }) => [ownerId, -1])),
  ...Object.fromEntries(
    selectLayers(wishes).map(({ source: { ownerId }, layerIndex }) => [ownerId, layerIndex]),
  ),
});

describe('layer selection', () => {
  test.each([
    // 720p at a quarter of the rate; the measured 15 is not exactly that; nothing is that slow; as sent.
    ['below all', 720, 5, 0],
    ['a quarter', 720, 7.5, 6],
    ['half', 720, 14, 7],
    ['all', 720, 30, 8],
    ['half, small', 180, 15, 1],
    ['more than there is', 720, 60, 8],
  ])('limits the frame rate: %s', (_, maxHeight, maxFrameRate, layer) => {
    const limited = source('a', { layers: LADDER, maxHeight, maxFrameRate });
    expect(select({ sources: [limited] })).toEqual({ a: layer });
  });

  test.each([
    // Of 720p for 1500 kbit/s, 360p for 500 and 180p for 150.
    ['what is there goes on as long as it fits', 2, 1_500_000, 2],
    ['a layer in between must fit easily', 2, 700_000, 0],
    ['and does so', 2, 800_000, 1],
    ['who is there already stays', 1, 500_000, 1],
    ['on the way up there must be room for the key picture', 0, 600_000, 0],
    ['and then there is', 0, 660_000, 1],
    ['the lowest is the last resort', 2, 150_000, 0],
  ])('K-SVC: %s', (_, currentLayer, availableBps, layer) => {
    const ksvc = layers(0, 1, 2).map((each) => ({ ...each, isApart: true }));
    const sources = [source('a', { layers: ksvc, currentLayer })];
    expect(select({ sources, availableBps })).toEqual({ a: layer });
  });

  test('rates that are not known yet are not too high', () => {
    const fresh = source('a', { maxFrameRate: 5 });
    expect(select({ sources: [fresh] })).toEqual({ a: 2 });
  });

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

  test('on stage comes before selected, selected before speech; those without video are not there', () => {
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
    }).map(({ source: { ownerId } }) => ownerId);
    expect(order).toEqual(['d', 'c', 'a']);
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

  test.each([
    [74_999, -1],
    [75_000, 0],
    [105_000, 1],
    [150_000, 2],
    [499_999, 2],
    [500_000, 5],
    [1_499_999, 5],
    [1_500_000, 8],
  ])(
    '%d bit/s carry layer %i of a camera: slow only at the lowest height',
    (availableBps, layer) => {
      const sources = [source('a', { layers: LADDER })];
      expect(select({ sources, availableBps })).toEqual({ a: layer });
    },
  );

  test.each([
    [180, 2],
    [90, 2],
    [360, 5],
    [720, 8],
  ])('a wanted height of %d ends the ladder at layer %i', (maxHeight, layer) => {
    expect(select({ sources: [source('a', { layers: LADDER, maxHeight })] })).toEqual({ a: layer });
  });

  test('a screen may be slow at any height', () => {
    const sources = [source('a', { layers: LADDER, isDesktop: true })];
    expect(select({ sources, availableBps: 750_000 })).toEqual({ a: 6 });
    expect(select({ sources, availableBps: 1_100_000 })).toEqual({ a: 7 });
  });

  test('a layer that is better and no dearer is taken instead', () => {
    const cheap = LADDER.map((layer, i) =>
      i === 5 ? { ...layer, bitrateBps: 140_000, peakBps: 140_000 } : layer,
    );
    const sources = [source('a', { layers: cheap })];
    expect(select({ sources, availableBps: 145_000 })).toEqual({ a: 5 });
  });

  test.each([
    // Staying needs what it takes, more needs some room, none at all too.
    [8, 1_500_000, 8],
    [5, 1_500_000, 5],
    [5, 1_700_000, 8],
    [8, 1_499_999, 5],
    [-1, 75_000, -1],
    [-1, 90_000, 0],
    [undefined, 75_000, 0],
  ])('from layer %s, with %d bit/s, to layer %i', (currentLayer, availableBps, layer) => {
    const sources = [source('a', { layers: LADDER, currentLayer })];
    expect(select({ sources, availableBps })).toEqual({ a: layer });
  });

  test('a screen on stage may cost up to 500 kbit/s more than there is, nothing else may', () => {
    const screen = source('a', { layers: LADDER, isDesktop: true });
    const onStage = ['a'];
    expect(select({ sources: [screen], onStage, availableBps: 250_000 })).toEqual({ a: 6 });
    expect(select({ sources: [screen], onStage, availableBps: 249_999 })).toEqual({ a: 2 });
    expect(select({ sources: [screen], availableBps: 250_000 })).toEqual({ a: 3 });
    const camera = source('a', { layers: LADDER });
    expect(select({ sources: [camera], onStage, availableBps: 250_000 })).toEqual({ a: 2 });
  });

  test('six cameras in 300 kbit/s: the one on stage moves, others are left out', () => {
    const small = LADDER.map((layer) => ({
      ...layer,
      bitrateBps: layer.bitrateBps / 1.5,
      peakBps: layer.bitrateBps / 1.5,
    }));
    const sources = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => source(id, { layers: small }));
    expect(select({ sources, onStage: ['c'], availableBps: 300_000 })).toEqual({
      ...{ a: -1, b: -1, c: 2, d: -1, e: -1, f: -1 },
    });
    const slow = select({ sources, availableBps: 300_000 });
    expect(slow).toEqual({ a: 0, b: 0, c: 0, d: 0, e: 0, f: 0 });
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
          const taking = result.map((selection) => selection.source);
          expect(new Set(taking).size).toBe(taking.length);
          const wanted = sources.filter((s) => s.isAvailable && s.maxHeight > 0);
          expect(taking.every((taken) => wanted.includes(taken))).toBe(true);
          expect(taking).toHaveLength(lastN < 0 ? wanted.length : Math.min(lastN, wanted.length));
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
          const [first] = result;
          const mayOversend =
            first?.source.isDesktop && names.slice(1).includes(first.source.ownerId);
          expect(usedBps).toBeLessThanOrEqual(availableBps + (mayOversend ? 500_000 : 0));
          if (lastN >= 0) expect(sent).toBeLessThanOrEqual(lastN);
        },
      ),
    );
  });

  test('the last layer of what is seen first goes on when most of it fits', () => {
    const seen = (currentLayer: number) =>
      source('a', { layers: layers(0), currentLayer, maxHeight: 180 });
    expect(select({ sources: [seen(0)], availableBps: 110_000 })).toEqual({ a: 0 });
    expect(select({ sources: [seen(0)], availableBps: 100_000 })).toEqual({ a: -1 });
    // What is not seen yet must fit; and nobody else takes part in what does not.
    expect(select({ sources: [seen(-1)], availableBps: 110_000 })).toEqual({ a: -1 });
    const others = [seen(0), source('b', { layers: layers(0), currentLayer: 0 })];
    expect(select({ sources: others, availableBps: 110_000 })).toEqual({ a: 0, b: -1 });
  });

  test.each([
    ['of a camera on stage is sent though nothing fits', 0, ['a'], -1, 0],
    ['also when nothing was sent so far', -1, ['a'], -1, 0],
    ['of who is not on stage is not', 0, [], -1, -1],
    ['goes to one only', 0, ['b', 'a'], 0, -1],
  ] as const)('the smallest picture %s', (_, currentLayer, onStage, b, a) => {
    const of = (id: string) => source(id, { layers: LADDER, currentLayer, maxHeight: 180 });
    const wishes = { sources: [of('a'), of('b')], onStage, availableBps: 30_000 };
    expect(select(wishes)).toEqual({ a, b });
  });

  test('a camera on stage whose smallest picture costs far too much is not sent', () => {
    const camera = source('a', { layers: layers(2), currentLayer: 2 });
    expect(select({ sources: [camera], onStage: ['a'], availableBps: 30_000 })).toEqual({ a: -1 });
  });

  test('a key frame that has just come is no reason to go below what is sent', () => {
    const spike = LADDER.map((layer) => ({ ...layer, bitrateBps: 2 * layer.bitrateBps }));
    const camera = source('a', { layers: spike, currentLayer: 2, maxHeight: 180 });
    expect(select({ sources: [camera], availableBps: 160_000 })).toEqual({ a: 2 });
  });
});
