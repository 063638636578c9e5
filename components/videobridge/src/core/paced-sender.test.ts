import { expect, test } from 'vitest';
import { FakePacketIo } from '../../test/fake-packet-io.ts';
import { seededRandom } from '../../test/test-bridge.ts';
import { OutgoingStream } from './outgoing-stream.ts';
import { type PacedProjection, type PacedReceiver, PacedSender } from './paced-sender.ts';
import { PayloadTable } from './payload-table.ts';
import { ResendRing } from './projection/resend-ring.ts';
import { SendPacing } from './send-pacing.ts';
import { SendPipeline } from './send-pipeline.ts';
import { SlotLedger } from './slot-ledger.ts';

function receiverOf(timingExtension: () => number): PacedReceiver {
  const pacing = new SendPacing<PacedProjection>();
  pacing.setRate(1e6, false);
  return { isConnected: true, payloads: new PayloadTable([]), pacing, timingExtension };
}

function projectionOf(receiver: PacedReceiver, ring: ResendRing): PacedProjection {
  const out = new OutgoingStream(7, seededRandom());
  const ids = { transportCcId: 0, sendTimeId: 0 };
  return { receiver, source: { streams: [] }, peer: 0, out, ring, ...ids };
}

test('an exception over one receiver does not keep the others waiting', () => {
  const io = new FakePacketIo();
  const failed: object[] = [];
  const sender = new PacedSender(new SendPipeline(io, new SlotLedger(io)), (receiver) => {
    failed.push(receiver);
  });
  const broken = receiverOf(() => 0);
  const whole = receiverOf(() => 0);
  const ring = new ResendRing();
  ring.find = () => {
    throw new Error('broken');
  };
  sender.wait(projectionOf(broken, ring), 10, 1, 100);
  sender.wait(projectionOf(whole, new ResendRing()), 10, 2, 200);
  sender.sendDue(1000);
  expect(failed).toEqual([broken]);
  // Nothing is cached of these.
  expect(sender.packetsGone).toBe(2);
  expect(sender.isWaiting).toBe(false);
});
