/** Random and mutated compound packets: the walk ends, nothing throws, nothing is read beyond the packet. */
import { byteCorpus } from '@conclave/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createReportBlock,
  createSenderInfo,
  firCount,
  firSeq,
  firSsrc,
  LOST_TICKS,
  PayloadFeedback,
  RtcpCursor,
  RtcpType,
  readNack,
  readReportBlock,
  readSdesCname,
  readSenderInfo,
  rembBitrateBps,
  rembSsrc,
  rembSsrcCount,
  TransportCcFeedback,
  TransportCcRecorder,
  TransportCcWriter,
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

function sampleCompound(): Uint8Array {
  const out = new Uint8Array(600);
  const blocks = [createReportBlock(), createReportBlock()];
  let at = writeSenderReport(out, 0, 1, createSenderInfo(), blocks);
  at += writeReceiverReport(out, at, 1, blocks);
  at += writeSdesCname(out, at, 1, 'sample');
  at += writeNack(out, at, 1, 2, [1, 3, 70]);
  at += writePli(out, at, 1, 2);
  at += writeFir(out, at, 1, 2, 3);
  at += writeRemb(out, at, 1, 1_000_000, [2, 3]);
  const arrivals = Float64Array.of(5, -1, 9, 9, 3000, 2999, -1, 3001);
  at += new TransportCcWriter().write(out, at, 100, 1, 2, 0, 65_533, arrivals, arrivals.length);
  at += writeBye(out, at, [1]);
  return out.slice(0, at);
}

const SAMPLE = sampleCompound();
const CORPUS = byteCorpus(import.meta.url);
const cursor = new RtcpCursor();
const block = createReportBlock();
const info = createSenderInfo();
const seqs = new Uint16Array(64);
const feedback = new TransportCcFeedback(1024);

/** Everything the bridge reads of a packet. Returns how many packets the compound had. */
function readAll(bytes: Uint8Array, offset: number, length: number): number {
  cursor.reset(bytes, offset, length);
  let packets = 0;
  while (cursor.next()) {
    packets++;
    const { bodyOffset, bodyLength, count, type } = cursor;
    if (bodyOffset < offset || bodyOffset + bodyLength > offset + length) {
      throw new Error('body outside the datagram');
    }
    for (let i = 0; i < cursor.reportCount; i++) {
      const at = cursor.reportBlockOffset(i);
      if (at + 24 > bodyOffset + bodyLength) throw new Error('block outside the body');
      readReportBlock(bytes, at, block);
    }
    if (type === RtcpType.senderReport) readSenderInfo(bytes, bodyOffset, info);
    if (type === RtcpType.sourceDescription) {
      readSdesCname(bytes, bodyOffset, bodyLength, count, cursor.senderSsrc);
    }
    if (type === RtcpType.transportFeedback && count === TransportFeedback.nack) {
      if (readNack(bytes, bodyOffset, bodyLength, seqs) < 1) throw new Error('empty NACK');
    }
    if (type === RtcpType.transportFeedback && count === TransportFeedback.transportCc) {
      if (feedback.parse(bytes, bodyOffset, bodyLength)) {
        let received = 0;
        for (let i = 0; i < feedback.count; i++) if (feedback.ticks[i] !== LOST_TICKS) received++;
        if (received !== feedback.receivedCount) throw new Error('miscounted');
      }
    }
    if (type === RtcpType.payloadFeedback && count === PayloadFeedback.fir) {
      for (let i = 0; i < firCount(bodyLength); i++) {
        firSsrc(bytes, bodyOffset, i);
        firSeq(bytes, bodyOffset, i);
      }
    }
    if (type === RtcpType.payloadFeedback && count === PayloadFeedback.applicationLayer) {
      if (rembBitrateBps(bytes, bodyOffset, bodyLength) >= 0) {
        const last = rembSsrcCount(bytes, bodyOffset) - 1;
        if (last >= 0 && bodyOffset + 20 + last * 4 > bytes.length) throw new Error('beyond');
        rembSsrc(bytes, bodyOffset, last);
      }
    }
  }
  return packets;
}

test('the sample is read whole', () => {
  expect(readAll(SAMPLE, 0, SAMPLE.length)).toBe(9);
  expect(cursor.isMalformed).toBe(false);
  expect(cursor.skipped).toBe(0);
});

test('100000 datagrams', () => {
  let packets = 0;
  const mutated = fc
    .tuple(
      fc.oneof(
        { weight: 3, arbitrary: fc.constant(SAMPLE) },
        { weight: 1, arbitrary: fc.constantFrom(...CORPUS) },
      ),
      fc.array(fc.tuple(fc.nat(SAMPLE.length - 1), fc.nat(255)), { maxLength: 8 }),
      fc.nat(SAMPLE.length),
    )
    .map(([sample, changes, length]) => {
      const bytes = sample.slice();
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      return bytes.subarray(0, length);
    });
  const random = fc.uint8Array({ maxLength: 200 }).map((bytes) => {
    if (bytes.length > 2)
      bytes.set([0x80 | ((bytes[0] ?? 0) & 0x3f), 200 + ((bytes[1] ?? 0) & 7), 0]);
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(mutated, random), fc.nat(8), (bytes, offset) => {
      const shifted = new Uint8Array(bytes.length + offset);
      shifted.set(bytes, offset);
      packets += readAll(shifted, offset, bytes.length);
    }),
    { numRuns: 100_000, seed: 3550, examples: CORPUS.map((bytes) => [bytes, 4]) },
  );
  expect(packets).toBeGreaterThan(50_000);
});

test('100000 packets with any sequence number at a recorder: feedback stays well-formed and bounded', () => {
  const writer = new TransportCcWriter();
  const recorder = new TransportCcRecorder({ senderSsrc: 1, capacity: 256 });
  const out = new Uint8Array(1200);
  let state = 1;
  const below = (limit: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % limit;
  };
  let nowMs = 0;
  let seq = 0;
  let feedbacks = 0;
  for (let i = 0; i < 100_000; i++) {
    nowMs += below(50) === 0 ? below(20_000) : below(10) / 4;
    if (below(500) === 0) seq = below(65_536);
    else seq = (seq + below(9) - 2) & 0xffff;
    recorder.handlePacket(seq, below(5) === 0, nowMs);
    if ((recorder.nextTimeoutMs ?? Number.POSITIVE_INFINITY) > nowMs) continue;
    for (let rounds = 0; ; rounds++) {
      if (rounds > 256) throw new Error('feedback without end');
      const length = recorder.writeFeedback(writer, out, 0, 28 + below(1100), nowMs);
      if (length === 0) break;
      feedbacks++;
      if (!feedback.parse(out, 4, length - 4)) throw new Error('our feedback is malformed');
      if (feedback.receivedCount === 0) throw new Error('feedback about nothing');
    }
    if (recorder.nextTimeoutMs !== undefined) throw new Error('not everything was written');
  }
  expect(feedbacks).toBeGreaterThan(1000);
});
