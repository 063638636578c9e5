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
});
