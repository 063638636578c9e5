/** What a decoder of one SSRC relies on, whatever the bridge does behind it. */
import { type ReceivedPacket, readMark } from './test-endpoint.ts';

/** Gaps, timestamps that go back, and VP8 ids that do not go up by one per frame; in words. */
export function discontinuities(packets: readonly ReceivedPacket[]): string[] {
  const faults: string[] = [];
  for (const [i, b] of packets.entries()) {
    const a = packets[i - 1];
    if (a === undefined) continue;
    const [markA, markB] = [readMark(a.payload), readMark(b.payload)];
    const check = (isGood: boolean, what: string) => {
      if (!isGood) faults.push(`${what} at packet ${i}`);
    };
    check(b.extendedSeq === a.extendedSeq + 1, 'sequence number');
    const step = (b.timestamp - a.timestamp) | 0;
    const pictureStep = (markB.pictureId - markA.pictureId) & 0x7fff;
    check(markB.isFrameStart ? step > 0 : step === 0, 'timestamp');
    check(pictureStep === (markB.isFrameStart ? 1 : 0), 'picture id');
    if (markB.isFrameStart) check(((markB.tl0PicIdx - markA.tl0PicIdx) & 0xff) === 1, 'TL0PICIDX');
  }
  return faults;
}
