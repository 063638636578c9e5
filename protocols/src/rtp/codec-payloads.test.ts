import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  beginsAv1Sequence,
  beginsH264KeyFrame,
  DependencyDescriptor,
  RedPayload,
  Vp9Descriptor,
  type Vp9DescriptorFields,
  writeVp9Descriptor,
} from './index.ts';

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

describe('Vp9Descriptor (RFC 9628 §4.2)', () => {
  const layers = fc.record({
    temporalId: fc.nat(7),
    spatialId: fc.nat(7),
    isSwitchingUp: fc.boolean(),
    isInterLayer: fc.boolean(),
    tl0PicIdx: fc.nat(255),
  });
  const fields = fc.record(
    {
      isFrameStart: fc.boolean(),
      isFrameEnd: fc.boolean(),
      isInterPicture: fc.boolean(),
      references: fc.array(fc.integer({ min: 1, max: 127 }), { minLength: 1, maxLength: 3 }),
      pictureId: fc.oneof(
        fc.record({ value: fc.nat(127), bits: fc.constant<7>(7) }),
        fc.record({ value: fc.nat(32_767), bits: fc.constant<15>(15) }),
      ),
      layers,
      isLayerReference: fc.boolean(),
      structure: fc.array(fc.tuple(fc.nat(0xffff), fc.nat(0xffff)), { minLength: 1, maxLength: 8 }),
    },
    { requiredKeys: ['isFrameStart', 'isFrameEnd', 'isInterPicture'] },
  );

  test('reads what was written', () => {
    fc.assert(
      fc.property(fields, (written: Vp9DescriptorFields) => {
        const descriptor = writeVp9Descriptor(written);
        const payload = Uint8Array.of(0xee, ...descriptor, 1);
        const vp9 = new Vp9Descriptor();
        expect(vp9.read(payload, 1, payload.length - 1)).toBe(true);
        expect(vp9.length).toBe(descriptor.length);
        expect(vp9.isFrameStart).toBe(written.isFrameStart);
        expect(vp9.isFrameEnd).toBe(written.isFrameEnd);
        expect(vp9.isInterPicture).toBe(written.isInterPicture);
        expect(vp9.isLayerReference).toBe(written.isLayerReference ?? true);
        expect(vp9.pictureId).toBe(written.pictureId?.value ?? 0);
        expect(vp9.spatialId).toBe(written.layers?.spatialId ?? 0);
        expect(vp9.temporalId).toBe(written.layers?.temporalId ?? -1);
        expect(vp9.isSwitchingUp).toBe(written.layers?.isSwitchingUp ?? false);
        expect(vp9.isInterLayer).toBe(written.layers?.isInterLayer ?? false);
        const isFlexible = written.references !== undefined;
        const tl0 = isFlexible ? undefined : written.layers?.tl0PicIdx;
        expect(vp9.tl0PicIdx).toBe(tl0 ?? -1);
        if (tl0 !== undefined) expect(payload[1 + vp9.tl0PicIdxOffset]).toBe(tl0);
        const references = [...vp9.references.subarray(0, vp9.referenceCount)];
        expect(references).toEqual(written.isInterPicture ? (written.references ?? []) : []);
        expect(vp9.spatialLayers).toBe(written.structure?.length ?? 0);
        expect([...vp9.heights.subarray(0, vp9.spatialLayers)]).toEqual(
          (written.structure ?? []).map(([width, height]) => Math.min(width, height)),
        );
      }),
    );
  });

  test('a descriptor that is cut anywhere is refused', () => {
    const whole = writeVp9Descriptor({
      isFrameStart: true,
      isFrameEnd: false,
      isInterPicture: true,
      references: [1, 2, 3],
      pictureId: { value: 300, bits: 15 },
      layers: { temporalId: 1, spatialId: 2 },
      structure: [
        [320, 180],
        [640, 360],
      ],
    });
    for (let length = 0; length <= whole.length; length++) {
      expect(new Vp9Descriptor().read(whole, 0, length)).toBe(false);
    }
  });

  test('four references are refused, a group of pictures is skipped', () => {
    const vp9 = new Vp9Descriptor();
    expect(vp9.read(Uint8Array.of(0x50, 3, 5, 7, 8, 9), 0, 6)).toBe(false);
    // V, G: two pictures with one and two references.
    const grouped = Uint8Array.of(0x0a, 0x08, 2, 0x04, 1, 0x28, 1, 2, 0x99);
    expect(vp9.read(grouped, 0, grouped.length)).toBe(true);
    expect(vp9.length).toBe(8);
    expect(vp9.isKeyFrameStart).toBe(true);
  });
});

describe('DependencyDescriptor (AV1 RTP payload format, A.8)', () => {
  const facts = (descriptor: DependencyDescriptor) => ({
    frame: descriptor.frameNumber,
    layer: `S${descriptor.spatialId}T${descriptor.temporalId}`,
    back: [...descriptor.references.subarray(0, descriptor.referenceCount)],
    needed: descriptor.neededBySpatial,
  });

  test('one spatial, three temporal layers, as Chromium 140 sends them', () => {
    const descriptor = new DependencyDescriptor();
    const key = bytesOf('c00001800214eaa860414d1410208427013f00b3');
    expect(descriptor.read(key, 0, key.length, undefined)).toBe(true);
    expect(descriptor.hasStructure).toBe(true);
    const { structure } = descriptor;
    expect(structure).toMatchObject({ maxSpatialId: 0, heights: [180] });
    expect(facts(descriptor)).toEqual({ frame: 1, layer: 'S0T0', back: [], needed: 1 });
    const rest = ['c30003', 'c20004', 'c40005', 'c10006'].map((hex) => {
      expect(descriptor.read(bytesOf(hex), 0, 3, structure)).toBe(true);
      expect(descriptor.hasStructure).toBe(false);
      return facts(descriptor);
    });
    expect(rest).toEqual([
      { frame: 3, layer: 'S0T2', back: [1], needed: 1 },
      { frame: 4, layer: 'S0T1', back: [2], needed: 1 },
      { frame: 5, layer: 'S0T2', back: [1], needed: 1 },
      { frame: 6, layer: 'S0T0', back: [4], needed: 1 },
    ]);
  });

  test('two spatial layers that depend on each other in key pictures only (L2T3_KEY)', () => {
    const descriptor = new DependencyDescriptor();
    const key = bytesOf(
      'c00002800514853aaaa8018004004002a02a0060010015d34514174d144c700874321651118543276809f8059813f80b38',
    );
    expect(descriptor.read(key, 0, key.length, undefined)).toBe(true);
    const { structure } = descriptor;
    expect(structure).toMatchObject({ maxSpatialId: 1, heights: [180, 360] });
    expect(structure?.targetSpatialIds).toEqual([0, 0, 0, 1, 1, 1]);
    expect(facts(descriptor)).toEqual({ frame: 2, layer: 'S0T0', back: [], needed: 3 });
    const rest = ['c50003', 'c30006', 'c80007', 'c20008', 'c70009', 'c4000a', 'c9000b'].map(
      (hex) => {
        expect(descriptor.read(bytesOf(hex), 0, 3, structure)).toBe(true);
        return facts(descriptor);
      },
    );
    expect(rest).toEqual([
      { frame: 3, layer: 'S1T0', back: [1], needed: 2 },
      { frame: 6, layer: 'S0T2', back: [2], needed: 1 },
      { frame: 7, layer: 'S1T2', back: [2], needed: 2 },
      { frame: 8, layer: 'S0T1', back: [4], needed: 1 },
      { frame: 9, layer: 'S1T1', back: [4], needed: 2 },
      { frame: 10, layer: 'S0T2', back: [2], needed: 1 },
      { frame: 11, layer: 'S1T2', back: [2], needed: 2 },
    ]);
  });

  test('is refused when it is cut, or its structure is not known', () => {
    const key = bytesOf('c00001800214eaa860414d1410208427013f00b3');
    for (let length = 0; length < key.length - 1; length++) {
      expect(new DependencyDescriptor().read(key, 0, length, undefined)).toBe(false);
    }
    expect(new DependencyDescriptor().read(bytesOf('c30003'), 0, 3, undefined)).toBe(false);
    const descriptor = new DependencyDescriptor();
    descriptor.read(key, 0, key.length, undefined);
    // Template 20 of five.
    expect(descriptor.read(bytesOf('d40003'), 0, 3, descriptor.structure)).toBe(false);
  });
});

test.each([
  ['a single SPS', [0x67, 1], true],
  ['an aggregate with SPS and PPS', [0x78, 0, 2, 0x67, 1, 0, 1, 0x68], true],
  ['an aggregate without', [0x78, 0, 1, 0x68, 0, 1, 0x65], false],
  ['an aggregate that is cut', [0x78, 0, 9, 0x67], false],
  ['the first fragment of an SPS', [0x7c, 0x87, 1], true],
  ['a later fragment', [0x7c, 0x07, 1], false],
  ['an IDR slice alone, of no use to who has no SPS', [0x65, 1], false],
  ['a predicted slice', [0x61, 1], false],
  ['nothing', [], false],
])('H.264 (RFC 6184): %s', (_name, bytes, expected) => {
  expect(beginsH264KeyFrame(Uint8Array.from(bytes), 0, bytes.length)).toBe(expected);
});

test.each([
  [0x18, true],
  [0x10, false],
  [0x88, false],
])('AV1 aggregation header %i begins a sequence: %s', (head, expected) => {
  expect(beginsAv1Sequence(Uint8Array.of(head, 0), 0, 2)).toBe(expected);
});

test.each([
  ['one frame', [111, 9, 9], { type: 111, offset: 1 }],
  ['one older frame', [0x80 | 111, 0, 0, 2, 111, 1, 1, 9], { type: 111, offset: 7 }],
  ['an older frame longer than the packet', [0x80 | 111, 0, 3, 255, 111, 1], undefined],
  ['a cut header', [0x80 | 111, 0], undefined],
  ['no newest frame', [111], undefined],
])('RED (RFC 2198): %s', (_name, bytes, expected) => {
  const red = new RedPayload();
  const isRead = red.read(Uint8Array.from([7, ...bytes]), 1, bytes.length);
  expect(isRead ? { type: red.payloadType, offset: red.offset } : undefined).toEqual(expected);
});
