import { expect, test } from 'vitest';
import { FakePacketIo } from '../../test/fake-packet-io.ts';
import { SendPipeline } from './send-pipeline.ts';
import { SlotLedger } from './slot-ledger.ts';

test('runs beyond the capacity are sent in between, of the same packet', () => {
  const port = new FakePacketIo({ txCapacity: 64 });
  const peer = port.addPeer();
  const ledger = new SlotLedger(port);
  const send = new SendPipeline(port, ledger);
  const slot = port.takeSlot();
  ledger.receive(slot);
  const first = send.reserve(1);
  send.packet(slot, 0, 10, true, 100, 7, 1000, 0, 0, 0, 0);
  for (let i = 0; i < 150; i++) send.run(first, 1, peer, 5, 65_500 + i, i, 0, 0, 0, 0);
  ledger.releaseUnlessKept(slot);
  expect(port.sent.length).toBe(128);
  send.flush();
  expect(port.flushes).toBe(3);
  const numbers = port.sent.map(({ bytes, rolloverCounter }) => {
    const view = new DataView(bytes.buffer);
    return [rolloverCounter * 65_536 + view.getUint16(2), view.getUint32(4)];
  });
  expect(numbers).toEqual(Array.from({ length: 150 }, (_, i) => [65_500 + i, 1000 + i]));
  expect(port.freeSlots).toBe(port.slotCount);
});

test.each([
  {
    length: 10,
    sentBeforeTheEnd: 520,
    what: 'a frame leaves for the first of many receivers before the last are decided on',
  },
  {
    length: 2,
    sentBeforeTheEnd: 0,
    what: 'short runs wait for what else there is for their receivers',
  },
])('$what', ({ length, sentBeforeTheEnd }) => {
  const port = new FakePacketIo();
  const peer = port.addPeer();
  const ledger = new SlotLedger(port);
  const send = new SendPipeline(port, ledger);
  const slot = port.takeSlot();
  ledger.receive(slot);
  const first = send.reserve(length);
  for (let i = 0; i < length; i++) send.packet(slot, 0, 10, false, 100, i, 1000, 0, 0, 0, 0);
  const receivers = 600 / length;
  for (let ssrc = 1; ssrc <= receivers; ssrc++)
    send.run(first, length, peer, ssrc, 1, 0, 0, 0, 0, 0);
  expect(port.sent.length).toBe(sentBeforeTheEnd);
  send.flush();
  expect(port.sent.length).toBe(600);
});
