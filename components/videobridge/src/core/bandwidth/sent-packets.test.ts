import { describe, expect, test } from 'vitest';
import { PacketState, SENT_PACKETS, SentPackets } from './sent-packets.ts';

describe('SentPackets', () => {
  test.each([0, 1, 2047, 2048, 32_767, 32_768, 65_535])('finds packet %i', (seq) => {
    const sent = new SentPackets();
    expect(sent.find(seq)).toBe(-1);
    sent.put(seq, 1200, 3, 77.5);
    const at = sent.find(seq);
    expect([sent.sizeBytes(at), sent.cluster(at), sent.sentMs(at), sent.state(at)]).toEqual([
      1200,
      3,
      77.5,
      PacketState.inFlight,
    ]);
    expect(sent.find((seq + 1) & 0xffff)).toBe(-1);
  });

  test('forgets what a newer packet took the place of', () => {
    const sent = new SentPackets();
    sent.put(65_535, 1, 0, 0);
    sent.put((65_535 + SENT_PACKETS) & 0xffff, 2, 0, 1);
    expect(sent.find(65_535)).toBe(-1);
    expect(sent.sizeBytes(sent.find(2047))).toBe(2);
  });

  test('grows until a second fits, and then goes round', () => {
    const sent = new SentPackets();
    for (let seq = 60_000; seq < 62_000; seq++) sent.put(seq, seq - 59_999, 0, seq / 2);
    for (let seq = 60_000; seq < 62_000; seq++) {
      expect(sent.sizeBytes(sent.find(seq))).toBe(seq - 59_999);
      expect(sent.sentMs(sent.find(seq))).toBe(seq / 2);
    }
    expect(sent.find(62_000)).toBe(-1);
    const slow = new SentPackets();
    for (let seq = 0; seq < 1000; seq++) slow.put(seq, 1, 0, seq * 10);
    expect(slow.find(1000 - 256)).toBeGreaterThanOrEqual(0);
    expect(slow.find(1000 - 257)).toBe(-1);
  });
});
