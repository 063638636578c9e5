/** Story: reports and feedback between senders, bridge and receivers. */
import { PacketKind } from '@conclave/platform/packet-io';
import {
  createReportBlock,
  createSenderInfo,
  type ReportBlock,
  RtcpCursor,
  RtcpType,
  readReportBlock,
  readSdesCname,
  readSenderInfo,
  type SenderInfo,
  TransportCcFeedback,
  TransportFeedback,
  writeReceiverReport,
  writeSenderReport,
} from '@conclave/protocols/rtcp';
import { describe, expect, test } from 'vitest';
import { TestBridge } from './test-bridge.ts';
import { readMark, type TestEndpoint } from './test-endpoint.ts';

interface Report {
  readonly type: number;
  readonly ssrc: number;
  readonly info: SenderInfo;
  readonly blocks: readonly ReportBlock[];
  readonly cname: string | undefined;
}

/** SR and RR that the bridge sent to an endpoint. */
function reportsTo(endpoint: TestEndpoint): Report[] {
  return endpoint.bridge.rtcpTo(endpoint).flatMap((bytes) => {
    const cursor = new RtcpCursor();
    cursor.reset(bytes, 0, bytes.length);
    const out: Report[] = [];
    let cname: string | undefined;
    while (cursor.next()) {
      if (cursor.type === RtcpType.sourceDescription) {
        const last = out.at(-1);
        cname = readSdesCname(
          bytes,
          cursor.bodyOffset,
          cursor.bodyLength,
          cursor.count,
          last?.ssrc ?? 0,
        );
        if (last !== undefined) out[out.length - 1] = { ...last, cname };
        continue;
      }
      if (cursor.type !== RtcpType.senderReport && cursor.type !== RtcpType.receiverReport)
        continue;
      const info = createSenderInfo();
      if (cursor.type === RtcpType.senderReport) readSenderInfo(bytes, cursor.bodyOffset, info);
      const blocks = Array.from({ length: cursor.reportCount }, (_, i) => {
        const block = createReportBlock();
        readReportBlock(bytes, cursor.reportBlockOffset(i), block);
        return block;
      });
      out.push({ type: cursor.type, ssrc: cursor.senderSsrc, info, blocks, cname: undefined });
    }
    return out;
  });
}

function sendSenderReport(
  endpoint: TestEndpoint,
  ssrc: number,
  rtpTimestamp: number,
  ntpSeconds = 1000,
): void {
  const out = new Uint8Array(100);
  const length = writeSenderReport(out, 0, ssrc, {
    ntpSeconds,
    ntpFraction: 0x8000_0000,
    rtpTimestamp,
    packetCount: 999,
    octetCount: 99_999,
  });
  endpoint.bridge.receive(endpoint, PacketKind.rtcp, out.subarray(0, length));
}

describe('reports', () => {
  test('each sender gets a receiver report every 500 ms about what came and what was lost', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann');
    bridge.join('bob');
    sendSenderReport(ann, ann.audioSsrc, 1);
    for (let i = 0; i < 25; i++) {
      if (i % 5 === 4) ann.audioSeq = (ann.audioSeq + 1) & 0xffff;
      ann.sendAudio();
      bridge.advance(20);
    }
    bridge.advance(520);
    const reports = reportsTo(ann).filter(({ type }) => type === RtcpType.receiverReport);
    const blocks = reports.flatMap((report) => report.blocks);
    expect(blocks.length).toBeGreaterThanOrEqual(2);
    const last = blocks.at(-1)!;
    expect(last.ssrc).toBe(ann.audioSsrc);
    expect(last.cumulativeLost).toBe(5);
    expect(last.highestSeq & 0xffff).toBe((ann.audioSeq - 1) & 0xffff);
    expect(last.lastSr).toBe(((1000 << 16) | 0x8000) >>> 0);
    expect(reports.every((report) => report.cname === 'conclave')).toBe(true);
    const count = reports.length;
    bridge.advance(5000); // nothing new, nothing to report
    expect(reportsTo(ann).length).toBe(count);
  });

  test("a sender's report reaches receivers in the numbers they see", () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann');
    const bob = bridge.join('bob');
    bob.want({ defaultConstraints: { maxHeight: 180 } });
    for (let i = 0; i < 3; i++) ann.sendAudio();
    ann.sendFrame([0, 1, 2], { isKey: true });
    bob.say({ colibriClass: 'ReceiverVideoConstraints', defaultConstraints: { maxHeight: 720 } });
    ann.sendFrame([0, 1, 2], { isKey: true });

    sendSenderReport(ann, ann.audioSsrc, 5000);
    sendSenderReport(ann, ann.encodings[0]!.ssrc, 1); // not what bob gets now
    const source = ann.encodings[2]!;
    sendSenderReport(ann, source.ssrc, (source.timestamp + 900) >>> 0);
    const [audio, video, ...more] = reportsTo(bob).filter(
      ({ type }) => type === RtcpType.senderReport,
    );
    expect(more).toEqual([]);
    expect(audio).toMatchObject({ ssrc: ann.audioSsrc, cname: 'ann' });
    expect(audio!.info).toMatchObject({
      ntpSeconds: 1000,
      rtpTimestamp: 5000,
      packetCount: 3,
      octetCount: 9,
    });
    const packets = bob.received(ann.encodings[0]!.ssrc);
    expect(readMark(packets.at(-1)!.payload).layer).toBe(2);
    expect(video).toMatchObject({ ssrc: ann.encodings[0]!.ssrc, cname: 'ann' });
    expect(video!.info.rtpTimestamp).toBe((packets.at(-1)!.timestamp + 900) >>> 0);
    expect(video!.info.packetCount).toBe(packets.length);
  });

  test('the round trip to a receiver is measured from its reports', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann');
    const bob = bridge.join('bob');
    ann.sendAudio();
    sendSenderReport(ann, ann.audioSsrc, 5000);
    bridge.advance(300);
    const out = new Uint8Array(100);
    const length = writeReceiverReport(out, 0, 1, [
      {
        ...createReportBlock(),
        ssrc: ann.audioSsrc,
        lastSr: ((1000 << 16) | 0x8000) >>> 0,
        delaySinceLastSr: 65_536 / 4,
      },
    ]);
    bridge.receive(bob, PacketKind.rtcp, out.subarray(0, length));
    expect(bridge.core.stats(bridge.nowMs).rtt_aggregate).toBeCloseTo(50, 0);
  });

  test('reports that come in quick succession go on ten times a second at most', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann');
    const bob = bridge.join('bob');
    ann.sendAudio();
    const many = new Uint8Array(50 * 28);
    for (let i = 0; i < 50; i++) writeSenderReport(many, i * 28, ann.audioSsrc, createSenderInfo());
    for (let i = 0; i < 5; i++) bridge.receive(ann, PacketKind.rtcp, many);
    expect(reportsTo(bob)).toHaveLength(1);
    bridge.advance(100);
    bridge.receive(ann, PacketKind.rtcp, many);
    expect(reportsTo(bob)).toHaveLength(2);
  });

  test('an endpoint that floods us with feedback is not listened to for a while', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann');
    const bob = bridge.join('bob');
    bob.want({ defaultConstraints: { maxHeight: 720 } });
    ann.sendFrame([0], { isKey: true });
    const ssrc = ann.encodings[0]!.ssrc;
    const { seq } = bob.received(ssrc).at(-1)!;
    // Transport-cc in 24 bytes: none of 8192 packets came.
    const ssrcs = [0, 0, 0, 1, 0, 0, 0, 2];
    const statuses = [0, 0, 0x20, 0, 0, 0, 0, 1, 0x1f, 0xff, 0, 1];
    const feedback = [0x8f, 205, 0, 5, ...ssrcs, ...statuses];
    const flood = Uint8Array.from([...feedback, ...feedback, ...feedback]);
    for (let i = 0; i < 100; i++) bridge.receive(bob, PacketKind.rtcp, flood);
    expect(bridge.counter('dropped_rtcp_rate_limited')).toBeGreaterThan(0);
    expect(bridge.counter('total_transport_cc_received')).toBeLessThan(130);
    for (let i = 0; i < 2000; i++) bob.sendPli(ssrc);
    bob.sendNack(ssrc, [seq]);
    expect(bridge.counter('total_nacks_received')).toBe(0);
    bridge.advance(20);
    bob.sendNack(ssrc, [seq]);
    expect(bridge.counter('total_nacks_received')).toBe(1);
  });

  test('nobody can report for somebody else', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann');
    const bob = bridge.join('bob');
    const cem = bridge.join('cem');
    ann.sendAudio();
    sendSenderReport(bob, ann.audioSsrc, 5000);
    expect(reportsTo(cem)).toEqual([]);
    expect(bridge.counter('dropped_rtcp_unknown_ssrc')).toBe(1);
  });
});

function feedbackTo(endpoint: TestEndpoint): TransportCcFeedback[] {
  return endpoint.bridge.rtcpTo(endpoint).flatMap((bytes) => {
    const cursor = new RtcpCursor();
    cursor.reset(bytes, 0, bytes.length);
    const out: TransportCcFeedback[] = [];
    while (cursor.next()) {
      if (cursor.type !== RtcpType.transportFeedback) continue;
      if (cursor.count !== TransportFeedback.transportCc) continue;
      const feedback = new TransportCcFeedback();
      expect(feedback.parse(bytes, cursor.bodyOffset, cursor.bodyLength)).toBe(true);
      out.push(feedback);
    }
    return out;
  });
}

describe('transport-cc feedback', () => {
  test('tells the sender when its packets came, soon after a frame, also of RTX', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann');
    const bob = bridge.join('bob');
    bob.want({ defaultConstraints: { maxHeight: 720 } });
    ann.sendFrame([0], { isKey: true, lose: [1] });
    ann.sendRtx(0, (ann.encodings[0]!.seq - 2) & 0xffff);
    bridge.advance(120);
    const feedbacks = feedbackTo(ann).map(({ baseSeq, count }) => [baseSeq, count]);
    // Numbers 1 and 3 of the frame (2 was lost), 4 is the repair.
    expect(feedbacks).toEqual([[1, 4]]);
  });

  test('is about when packets reached the machine, not when the bridge came round to them', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann');
    const packets = ann.makeFrame(0, { isKey: true, packets: 4 });
    packets.forEach((packet, i) => {
      bridge.queue(ann, PacketKind.rtp, packet, 30 - 10 * i);
    });
    bridge.deliver();
    bridge.advance(120);
    const [feedback] = feedbackTo(ann);
    const ticks = Array.from(feedback?.ticks.subarray(0, 4) ?? []);
    expect(ticks.map((tick) => tick - ticks[0]!)).toEqual([0, 40, 80, 120]); // of 250 us
  });
});
