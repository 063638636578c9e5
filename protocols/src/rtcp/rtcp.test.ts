import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createReportBlock,
  createSenderInfo,
  firCount,
  firSeq,
  firSsrc,
  PayloadFeedback,
  type ReportBlock,
  RtcpCursor,
  RtcpType,
  readNack,
  readReportBlock,
  readSdesCname,
  readSenderInfo,
  rembBitrateBps,
  rembSsrc,
  rembSsrcCount,
  TransportFeedback,
  writeBye,
  writeFir,
  writeNack,
  writePli,
  writeReceiverReport,
  writeRemb,
  writeSdesCname,
  writeSenderReport,
} from './index.ts';

const uint32 = fc.nat(0xffff_ffff);
const reportBlock: fc.Arbitrary<ReportBlock> = fc.record({
  ssrc: uint32,
  fractionLost: fc.nat(255),
  cumulativeLost: fc.integer({ min: -0x80_0000, max: 0x7f_ffff }),
  highestSeq: uint32,
  jitter: uint32,
  lastSr: uint32,
  delaySinceLastSr: uint32,
});
const senderInfo = fc.record({
  ntpSeconds: uint32,
  ntpFraction: uint32,
  rtpTimestamp: uint32,
  packetCount: uint32,
  octetCount: uint32,
});

/** A cursor on the first packet of `bytes[offset..offset+length)`. */
function firstPacket(bytes: Uint8Array, offset: number, length: number): RtcpCursor {
  const cursor = new RtcpCursor();
  cursor.reset(bytes, offset, length);
  if (!cursor.next()) throw new Error('no packet');
  return cursor;
}

describe('reports (RFC 3550 §6.4)', () => {
  test('parse(write(x)) is x, wherever it stands', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        uint32,
        senderInfo,
        fc.array(reportBlock, { maxLength: 31 }),
        fc.nat(16),
        (isSender, ssrc, info, blocks, offset) => {
          const out = new Uint8Array(1200);
          const length = isSender
            ? writeSenderReport(out, offset, ssrc, info, blocks)
            : writeReceiverReport(out, offset, ssrc, blocks);
          expect(length).toBe((isSender ? 28 : 8) + 24 * blocks.length);
          const cursor = firstPacket(out, offset, length);
          expect(cursor.type).toBe(isSender ? RtcpType.senderReport : RtcpType.receiverReport);
          expect(cursor.senderSsrc).toBe(ssrc);
          expect(cursor.mediaSsrc).toBe(0);
          expect(cursor.reportCount).toBe(blocks.length);
          blocks.forEach((block, i) => {
            const read = createReportBlock();
            readReportBlock(out, cursor.reportBlockOffset(i), read);
            expect(read).toEqual(block);
          });
          if (isSender) {
            const read = createSenderInfo();
            readSenderInfo(out, cursor.bodyOffset, read);
            expect(read).toEqual(info);
          }
          expect(cursor.next()).toBe(false);
          expect(cursor.isMalformed).toBe(false);
        },
      ),
    );
  });

  test('a receiver report as bytes', () => {
    const out = new Uint8Array(32);
    const block = {
      ssrc: 0x01020304,
      fractionLost: 0x40,
      cumulativeLost: -2,
      highestSeq: 0x1_ffff,
      jitter: 7,
      lastSr: 0xaabbccdd,
      delaySinceLastSr: 0x10000,
    };
    expect(writeReceiverReport(out, 0, 0x0a0b0c0d, [block])).toBe(32);
    expect(Buffer.from(out).toString('hex')).toBe(
      '81c900070a0b0c0d0102030440fffffe0001ffff00000007aabbccdd00010000',
    );
  });

  test('writes only the first `count` blocks, so that an array can be reused', () => {
    const blocks = [createReportBlock(), createReportBlock(), createReportBlock()];
    const out = new Uint8Array(100);
    expect(writeReceiverReport(out, 0, 1, blocks, 1)).toBe(32);
    expect(firstPacket(out, 0, 32).reportCount).toBe(1);
  });

  test('cumulative loss beyond 24 bits is clamped, not wrapped (A.3)', () => {
    const out = new Uint8Array(32);
    for (const [lost, written] of [
      [0x80_0000, 0x7f_ffff],
      [-0x80_0001, -0x80_0000],
    ] as const) {
      writeReceiverReport(out, 0, 1, [{ ...createReportBlock(), cumulativeLost: lost }]);
      const read = createReportBlock();
      readReportBlock(out, 8, read);
      expect(read.cumulativeLost).toBe(written);
    }
  });

  test('refuses 32 blocks, more blocks than there are, and too little room', () => {
    const blocks = Array.from({ length: 32 }, createReportBlock);
    const out = new Uint8Array(1000);
    expect(writeReceiverReport(out, 0, 1, blocks)).toBe(0);
    expect(writeReceiverReport(out, 0, 1, blocks, 31)).toBe(8 + 31 * 24);
    expect(writeReceiverReport(out, 0, 1, [], 1)).toBe(0);
    expect(writeReceiverReport(out, 0, 1, [], -1)).toBe(0);
    expect(writeReceiverReport(out, 993, 1, [])).toBe(0);
    expect(writeReceiverReport(out, 992, 1, [])).toBe(8);
    expect(writeSenderReport(out, 973, 1, createSenderInfo())).toBe(0);
    expect(writeSenderReport(out, 972, 1, createSenderInfo())).toBe(28);
  });
});

describe('compound packets (RFC 3550 §6.1)', () => {
  test('are walked from one packet to the next', () => {
    const out = new Uint8Array(200);
    let at = 10;
    at += writeReceiverReport(out, at, 1, []);
    at += writeSdesCname(out, at, 1, 'name');
    at += writePli(out, at, 1, 2);
    at += writeBye(out, at, [1, 3]);
    const cursor = new RtcpCursor();
    cursor.reset(out, 10, at - 10);
    const seen: [number, number, number][] = [];
    while (cursor.next()) seen.push([cursor.type, cursor.count, cursor.bodyLength]);
    expect(seen).toEqual([
      [RtcpType.receiverReport, 0, 4],
      [RtcpType.sourceDescription, 1, 12],
      [RtcpType.payloadFeedback, PayloadFeedback.pli, 8],
      [RtcpType.goodbye, 2, 8],
    ]);
    expect(cursor.isMalformed).toBe(false);
    expect(cursor.skipped).toBe(0);
  });

  test('padding of the last packet is not part of the body', () => {
    const bytes = Uint8Array.of(0xa0, 201, 0, 2, 0, 0, 0, 9, 0, 0, 0, 4);
    const cursor = firstPacket(bytes, 0, 12);
    expect(cursor.bodyLength).toBe(4);
    expect(cursor.senderSsrc).toBe(9);
  });

  test.each([
    ['padding of 0 bytes', [0xa0, 201, 0, 1, 0, 0, 0, 0]],
    ['padding longer than the packet', [0xa0, 201, 0, 1, 0, 0, 0, 5]],
    ['version 1', [0x40, 201, 0, 1, 0, 0, 0, 0]],
    ['a length beyond the end', [0x80, 201, 0, 2, 0, 0, 0, 0]],
    ['three bytes', [0x80, 201, 0]],
  ])('%s ends the walk', (_, bytes) => {
    const cursor = new RtcpCursor();
    cursor.reset(Uint8Array.from(bytes), 0, bytes.length);
    expect(cursor.next()).toBe(false);
    expect(cursor.isMalformed).toBe(true);
    expect(cursor.next()).toBe(false);
  });

  test('nothing is an empty walk, not a malformed one', () => {
    const cursor = new RtcpCursor();
    cursor.reset(new Uint8Array(8), 4, 0);
    expect(cursor.next()).toBe(false);
    expect(cursor.isMalformed).toBe(false);
  });

  test('does not look beyond `length`, nor beyond the array', () => {
    const out = new Uint8Array(16);
    writeReceiverReport(out, 0, 1, []);
    writeReceiverReport(out, 8, 2, []);
    const cursor = new RtcpCursor();
    cursor.reset(out, 0, 8);
    expect(cursor.next()).toBe(true);
    expect(cursor.next()).toBe(false);
    cursor.reset(out, 8, 1000);
    expect(cursor.next()).toBe(true);
    expect(cursor.senderSsrc).toBe(2);
    expect(cursor.next()).toBe(false);
  });

  test.each([
    ['SR without sender info', 0x80, 200, 20],
    ['RR with a block missing', 0x81, 201, 24],
    ['BYE with an SSRC missing', 0x82, 203, 4],
    ['NACK without entry', 0x81, 205, 8],
    ['transport-cc without header', 0x8f, 205, 12],
    ['PLI without media SSRC', 0x81, 206, 4],
    ['FIR without entry', 0x84, 206, 8],
  ])('%s is skipped, the next packet is read', (_, first, type, bodyLength) => {
    const bytes = new Uint8Array(4 + bodyLength + 8);
    bytes.set([first, type, 0, bodyLength / 4]);
    writeReceiverReport(bytes, 4 + bodyLength, 77, []);
    const cursor = new RtcpCursor();
    cursor.reset(bytes, 0, bytes.length);
    expect(cursor.next()).toBe(true);
    expect(cursor.senderSsrc).toBe(77);
    expect(cursor.skipped).toBe(1);
    expect(cursor.isMalformed).toBe(false);
  });
});

describe('generic NACK (RFC 4585 §6.2.1)', () => {
  test.each([0, 1, 32_767, 32_768, 65_534, 65_535])('one PID and BLP from %i on', (start) => {
    const seqs = [0, 1, 3, 16].map((i) => (start + i) & 0xffff);
    const out = new Uint8Array(100);
    expect(writeNack(out, 0, 1, 2, seqs)).toBe(16);
    const cursor = firstPacket(out, 0, 16);
    expect(cursor.type).toBe(RtcpType.transportFeedback);
    expect(cursor.count).toBe(TransportFeedback.nack);
    expect(cursor.senderSsrc).toBe(1);
    expect(cursor.mediaSsrc).toBe(2);
    const read = new Uint16Array(100);
    const count = readNack(out, cursor.bodyOffset, cursor.bodyLength, read);
    expect([...read.subarray(0, count)]).toEqual(seqs);
  });

  test('as bytes: 17 apart needs a second entry, 16 does not', () => {
    const out = new Uint8Array(20);
    expect(writeNack(out, 0, 0x11111111, 0x22222222, [5, 21, 22])).toBe(20);
    expect(Buffer.from(out).toString('hex')).toBe('81cd0004111111112222222200058000' + '00160000');
  });

  test('parse(write(x)) is x for any ascending list', () => {
    fc.assert(
      fc.property(
        fc.nat(65_535),
        fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 200 }),
        (start, steps) => {
          let seq = start;
          const seqs = [seq, ...steps.map((step) => (seq = (seq + step) & 0xffff))];
          const out = new Uint8Array(1400);
          const length = writeNack(out, 3, 1, 2, Uint16Array.from(seqs), seqs.length);
          const cursor = firstPacket(out, 3, length);
          const read = new Uint16Array(400);
          const count = readNack(out, cursor.bodyOffset, cursor.bodyLength, read);
          expect([...read.subarray(0, count)]).toEqual(seqs);
        },
      ),
    );
  });

  test('nothing to ask for is no packet; neither is one without room', () => {
    const out = new Uint8Array(16);
    expect(writeNack(out, 0, 1, 2, [])).toBe(0);
    expect(writeNack(out, 0, 1, 2, [1, 2], 0)).toBe(0);
    expect(writeNack(out, 0, 1, 2, [1, 100])).toBe(0);
    expect(writeNack(out, 1, 1, 2, [1])).toBe(0);
    expect(writeNack(out, 0, 1, 2, [1, 1, 2])).toBe(16);
  });

  test('reads no more than the caller has room for', () => {
    const out = new Uint8Array(100);
    const length = writeNack(out, 0, 1, 2, [10, 11, 12, 13, 50]);
    const read = new Uint16Array(3);
    expect(readNack(out, 4, length - 4, read)).toBe(3);
    expect([...read]).toEqual([10, 11, 12]);
    expect(readNack(out, 4, length - 4, new Uint16Array(0))).toBe(0);
  });
});

describe('key frame requests', () => {
  test('PLI (RFC 4585 §6.3.1)', () => {
    const out = new Uint8Array(13);
    expect(writePli(out, 1, 0x01020304, 0x05060708)).toBe(12);
    expect(Buffer.from(out).toString('hex')).toBe('0081ce00020102030405060708');
    expect(writePli(out, 2, 1, 2)).toBe(0);
  });

  test.each([0, 1, 127, 128, 255])('FIR with command sequence %i (RFC 5104 §4.3.1)', (seq) => {
    const out = new Uint8Array(20);
    expect(writeFir(out, 0, 1, 0xfedcba98, seq)).toBe(20);
    const cursor = firstPacket(out, 0, 20);
    expect(cursor.count).toBe(PayloadFeedback.fir);
    expect(cursor.mediaSsrc).toBe(0);
    expect(firCount(cursor.bodyLength)).toBe(1);
    expect(firSsrc(out, cursor.bodyOffset, 0)).toBe(0xfedcba98);
    expect(firSeq(out, cursor.bodyOffset, 0)).toBe(seq);
    expect(writeFir(out, 1, 1, 2, seq)).toBe(0);
  });
});

describe('REMB', () => {
  test.each([0, 1, 0x3ffff, 0x40000, 2_500_000, 20_000_000, 2 ** 40])('%i bit/s', (bitrate) => {
    const out = new Uint8Array(64);
    const length = writeRemb(out, 0, 1, bitrate, [5, 0xffff_ffff]);
    const cursor = firstPacket(out, 0, length);
    expect(cursor.count).toBe(PayloadFeedback.applicationLayer);
    const read = rembBitrateBps(out, cursor.bodyOffset, cursor.bodyLength);
    expect(read).toBeLessThanOrEqual(bitrate);
    expect(read).toBeGreaterThanOrEqual(bitrate * (1 - 2 ** -17));
    expect(rembSsrcCount(out, cursor.bodyOffset)).toBe(2);
    expect(rembSsrc(out, cursor.bodyOffset, 0)).toBe(5);
    expect(rembSsrc(out, cursor.bodyOffset, 1)).toBe(0xffff_ffff);
  });

  test('other application feedback and missing SSRCs are no REMB', () => {
    const out = new Uint8Array(64);
    const length = writeRemb(out, 0, 1, 1000, [5]);
    expect(rembBitrateBps(out, 4, length - 4)).toBe(1000);
    expect(rembBitrateBps(out, 4, length - 8)).toBe(-1);
    out[12] = 0x53;
    expect(rembBitrateBps(out, 4, length - 4)).toBe(-1);
  });

  test('a bitrate that does not fit is the largest there is, not garbage', () => {
    const out = new Uint8Array(64);
    const length = writeRemb(out, 0, 1, Number.POSITIVE_INFINITY, []);
    expect(rembBitrateBps(out, 4, length - 4)).toBe(0x3ffff * 2 ** 63);
  });
});

describe('SDES and BYE', () => {
  test.each([0, 1, 2, 3, 4, 254, 255])('CNAME of %i characters', (length) => {
    const name = 'n'.repeat(length);
    const out = new Uint8Array(300).fill(0xff);
    const written = writeSdesCname(out, 4, 9, name);
    expect(written % 4).toBe(0);
    const cursor = firstPacket(out, 4, written);
    expect(cursor.senderSsrc).toBe(9);
    expect(out[4 + written - 1]).toBe(0); // the list of items is ended
    const { bodyOffset, bodyLength, count } = cursor;
    expect(readSdesCname(out, bodyOffset, bodyLength, count, 9)).toBe(name);
    expect(readSdesCname(out, bodyOffset, bodyLength, count, 8)).toBeUndefined();
  });

  test('a CNAME of 256 characters, or without room, is not written', () => {
    expect(writeSdesCname(new Uint8Array(400), 0, 9, 'n'.repeat(256))).toBe(0);
    expect(writeSdesCname(new Uint8Array(11), 0, 9, 'n')).toBe(0);
    expect(writeSdesCname(new Uint8Array(12), 0, 9, 'n')).toBe(12);
    expect(writeSdesCname(new Uint8Array(16), 0, 9, 'nn')).toBe(16);
  });

  test('the second chunk is found', () => {
    // Two chunks: SSRC 1 with a NOTE (type 7) of one byte, SSRC 2 with CNAME "ab".
    const bytes = Uint8Array.from([0, 0, 0, 1, 7, 1, 120, 0, 0, 0, 0, 2, 1, 2, 97, 98, 0, 0, 0, 0]);
    expect(readSdesCname(bytes, 0, bytes.length, 2, 2)).toBe('ab');
    expect(readSdesCname(bytes, 0, bytes.length, 1, 2)).toBeUndefined();
    expect(readSdesCname(bytes, 0, 14, 2, 2)).toBeUndefined();
  });

  test('BYE', () => {
    const out = new Uint8Array(12);
    expect(writeBye(out, 0, [1, 0xffff_ffff])).toBe(12);
    expect(Buffer.from(out).toString('hex')).toBe('82cb000200000001ffffffff');
    expect(writeBye(out, 1, [1, 2])).toBe(0);
    expect(writeBye(new Uint8Array(1000), 0, Array<number>(32).fill(1))).toBe(0);
  });
});
