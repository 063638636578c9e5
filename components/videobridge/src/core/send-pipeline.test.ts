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

test('of many receivers the first are sent to before the last are decided on', () => {
  const port = new FakePacketIo();
  const peer = port.addPeer();
  const ledger = new SlotLedger(port);
  const send = new SendPipeline(port, ledger);
  const slot = port.takeSlot();
  ledger.receive(slot);
  const first = send.reserve(10);
  for (let i = 0; i < 10; i++) send.packet(slot, 0, 10, i === 9, 100, i, 1000, 0, 0, 0, 0);
  for (let ssrc = 1; ssrc <= 60; ssrc++) send.run(first, 10, peer, ssrc, 1, 0, 0, 0, 0, 0);
  expect(port.sent.length).toBe(520);
  send.flush();
  expect(port.flushes).toBe(2);
  expect(port.sent.length).toBe(600);
});
