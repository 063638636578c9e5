import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  PayloadKind,
  payloadKindOf,
  RtpHeader,
  type RtpPacketFields,
  Vp8Descriptor,
  vp8PictureHeight,
  writeRtpPacket,
  writeVp8Descriptor,
} from './index.ts';

const edges16 = [0, 1, 32767, 32768, 65534, 65535];
const edges32 = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

const packet = (fields: Partial<RtpPacketFields> = {}) =>
  writeRtpPacket({
    marker: false,
    payloadType: 100,
    sequenceNumber: 1,
    timestamp: 2,
    ssrc: 3,
    payload: Uint8Array.of(1, 2, 3),
    ...fields,
  });

const fields = fc.record({
  marker: fc.boolean(),
  payloadType: fc.integer({ min: 0, max: 127 }),
  sequenceNumber: fc.oneof(fc.constantFrom(...edges16), fc.integer({ min: 0, max: 65535 })),
  timestamp: fc.oneof(fc.constantFrom(...edges32), fc.nat(0xffff_ffff)),
  ssrc: fc.oneof(fc.constantFrom(...edges32), fc.nat(0xffff_ffff)),
  csrcs: fc.array(fc.nat(0xffff_ffff), { maxLength: 15 }),
  payload: fc.uint8Array({ maxLength: 40 }),
  paddingLength: fc.integer({ min: 0, max: 255 }),
});

describe('RtpHeader (RFC 3550 §5.1)', () => {
  test('reads what was written, wherever in the buffer it lies', () => {
    fc.assert(
      fc.property(
        fields,
        fc.integer({ min: 0, max: 9 }),
        fc.uniqueArray(
          fc.record({
            id: fc.integer({ min: 1, max: 14 }),
            data: fc.uint8Array({ minLength: 1, maxLength: 16 }),
          }),
          { selector: (element) => element.id, maxLength: 5 },
        ),
        fc.constantFrom<'one-byte' | 'two-byte'>('one-byte', 'two-byte'),
        (written, shift, extensions, extensionForm) => {
          const bytes = writeRtpPacket({ ...written, extensions, extensionForm });
          const buffer = new Uint8Array(bytes.length + shift + 5).fill(0xff);
          buffer.set(bytes, shift);
          const header = new RtpHeader();
          expect(header.read(buffer, shift, bytes.length)).toBe(true);
          expect(header.marker).toBe(written.marker);
          expect(header.payloadType).toBe(written.payloadType);
          expect(header.sequenceNumber).toBe(written.sequenceNumber);
          expect(header.timestamp).toBe(written.timestamp);
          expect(header.ssrc).toBe(written.ssrc);
          expect(header.paddingLength).toBe(written.paddingLength);
          expect(
            buffer.slice(header.payloadOffset, header.payloadOffset + header.payloadLength),
          ).toEqual(written.payload);
          for (let id = 1; id <= 14; id++) {
            const expected = extensions.find((element) => element.id === id);
            const at = header.findExtension(buffer, id);
            if (expected === undefined) expect(at).toBe(-1);
            else expect(buffer.slice(at, at + header.extensionLength)).toEqual(expected.data);
          }
        },
      ),
    );
  });

  test.each([
    ['empty', new Uint8Array(0)],
    ['cut header', packet().subarray(0, 11)],
    ['version 1', packet().with(0, 0x40)],
    ['CSRCs beyond the end', packet({ payload: new Uint8Array(0) }).with(0, 0x8f)],
    ['extension header beyond the end', packet({ payload: new Uint8Array(3) }).with(0, 0x90)],
    [
      'extension longer than the packet',
      packet({ payload: Uint8Array.of(0xbe, 0xde, 0, 1, 0, 0, 0) }).with(0, 0x90),
    ],
    ['padding flag on an empty packet', packet({ payload: new Uint8Array(0) }).with(0, 0xa0)],
    ['padding of 0', packet({ payload: Uint8Array.of(1, 0) }).with(0, 0xa0)],
    ['padding longer than the payload', packet({ payload: Uint8Array.of(1, 3) }).with(0, 0xa0)],
  ])('refuses %s', (_name, bytes) => {
    expect(new RtpHeader().read(bytes, 0, bytes.length)).toBe(false);
  });

  test('a packet of padding only has an empty payload', () => {
    const bytes = packet({ payload: new Uint8Array(0), paddingLength: 200 });
    const header = new RtpHeader();
    expect(header.read(bytes, 0, bytes.length)).toBe(true);
    expect(header.payloadLength).toBe(0);
  });

  test('id 15 ends the one-byte form, an element cut off is not found (RFC 8285 §4.2)', () => {
    const header = new RtpHeader();
    const ended = packet({ payload: Uint8Array.of(0xbe, 0xde, 0, 1, 0xf0, 0, 0x10, 9) });
    ended[0] = 0x90;
    expect(header.read(ended, 0, ended.length)).toBe(true);
    expect(header.findExtension(ended, 1)).toBe(-1);
    const cut = packet({ payload: Uint8Array.of(0xbe, 0xde, 0, 1, 0, 0, 0, 0x13) });
    cut[0] = 0x90;
    expect(header.read(cut, 0, cut.length)).toBe(true);
    expect(header.findExtension(cut, 1)).toBe(-1);
  });

  test('an extension of an unknown profile hides its elements', () => {
    const header = new RtpHeader();
    const bytes = packet({ payload: Uint8Array.of(0x12, 0x34, 0, 1, 0x10, 9, 0, 0) });
    bytes[0] = 0x90;
    expect(header.read(bytes, 0, bytes.length)).toBe(true);
    expect(header.findExtension(bytes, 1)).toBe(-1);
    expect(header.payloadLength).toBe(0);
  });
});

describe('Vp8Descriptor (RFC 7741 §4.2)', () => {
  test('reads what was written', () => {
    fc.assert(
      fc.property(
        fc.record(
          {
            isFrameStart: fc.boolean(),
            isNonReference: fc.boolean(),
            pictureId: fc.oneof(
              fc.record({ value: fc.nat(127), bits: fc.constant<7>(7) }),
              fc.record({ value: fc.nat(32767), bits: fc.constant<15>(15) }),
            ),
            tl0PicIdx: fc.nat(255),
            temporalId: fc.nat(3),
            isLayerSync: fc.boolean(),
          },
          { requiredKeys: ['isFrameStart'] },
        ),
        fc.nat(255),
        (written, firstByte) => {
          const descriptor = writeVp8Descriptor(written);
          const payload = Uint8Array.of(0xee, ...descriptor, firstByte, 7);
          const vp8 = new Vp8Descriptor();
          expect(vp8.read(payload, 1, payload.length - 1)).toBe(true);
          expect(vp8.length).toBe(descriptor.length);
          expect(vp8.isFrameStart).toBe(written.isFrameStart);
          expect(vp8.isKeyFrameStart).toBe(written.isFrameStart && (firstByte & 1) === 0);
          expect(vp8.isNonReference).toBe(written.isNonReference ?? false);
          expect(vp8.pictureIdBytes).toBe(
            written.pictureId === undefined ? 0 : written.pictureId.bits === 15 ? 2 : 1,
          );
          expect(vp8.pictureId).toBe(written.pictureId?.value ?? 0);
          expect(vp8.tl0PicIdx).toBe(written.tl0PicIdx ?? -1);
          if (written.tl0PicIdx !== undefined) {
            expect(payload[1 + vp8.tl0PicIdxOffset]).toBe(written.tl0PicIdx);
          }
          expect(vp8.temporalId).toBe(written.temporalId ?? -1);
        },
      ),
    );
  });

  test('partition 0 only begins a frame', () => {
    const vp8 = new Vp8Descriptor();
    expect(vp8.read(Uint8Array.of(0x11, 0), 0, 2)).toBe(true);
    expect(vp8.isFrameStart).toBe(false);
    expect(vp8.isKeyFrameStart).toBe(false);
  });

  test.each([
    [[]],
    [[0x10]],
    [[0x90]],
    [[0x90, 0x80]],
    [[0x90, 0x80, 0x81]],
    [[0x90, 0xc0, 0x01]],
    [[0x90, 0x20]],
    [[0x90, 0xe0, 0x81, 2, 3]],
    [[0x90, 0xe0, 0x81, 2, 3, 0x40]],
  ])('refuses the cut descriptor %j', (bytes) => {
    expect(new Vp8Descriptor().read(Uint8Array.from(bytes), 0, bytes.length)).toBe(false);
  });
});

test('payload kinds do not depend on case', () => {
  expect(payloadKindOf('audio', 'opus')).toBe(PayloadKind.audio);
  expect(payloadKindOf('video', 'vp8')).toBe(PayloadKind.vp8);
  expect(payloadKindOf('video', 'VP8')).toBe(PayloadKind.vp8);
  expect(payloadKindOf('video', 'RTX')).toBe(PayloadKind.rtx);
  expect(payloadKindOf('video', 'av1')).toBe(PayloadKind.av1);
  expect(payloadKindOf('video', 'H265')).toBe(PayloadKind.genericVideo);
  expect(payloadKindOf('video', 'ulpfec')).toBe(PayloadKind.none);
});

describe('vp8PictureHeight (RFC 6386 §9.1)', () => {
  // As libvpx writes them: show_frame, first partition of 4,096 bytes; scaling bits set.
  const landscape = [0x10, 0x00, 0x02, 0x9d, 0x01, 0x2a, 0x80, 0x42, 0x68, 0x41];

  test('is the shorter side, without the scaling bits', () => {
    const portrait = [...landscape.slice(0, 6), ...landscape.slice(8), ...landscape.slice(6, 8)];
    for (const bytes of [landscape, portrait]) {
      expect(vp8PictureHeight(Uint8Array.of(9, 9, ...bytes), 2, 10)).toBe(360);
    }
  });

  test('is 0 for an interframe, a wrong start code and a cut header', () => {
    const at = (index: number, value: number) => landscape.toSpliced(index, 1, value);
    expect(vp8PictureHeight(Uint8Array.from(at(0, 0x11)), 0, 10)).toBe(0);
    for (const i of [3, 4, 5]) expect(vp8PictureHeight(Uint8Array.from(at(i, 0)), 0, 10)).toBe(0);
    expect(vp8PictureHeight(Uint8Array.from(landscape), 0, 9)).toBe(0);
    expect(vp8PictureHeight(Uint8Array.from(landscape.slice(0, 9)), 0, 10)).toBe(0);
  });
});
