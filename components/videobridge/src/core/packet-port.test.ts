import * as platform from '@conclave/platform/packet-io';
import { expect, test } from 'vitest';
import * as port from './packet-port.ts';

test("the core's view of packet-io is packet-io's", () => {
  expect(port.SLOT_SIZE).toBe(platform.SLOT_SIZE);
  expect(port.ADDRESS_BYTES).toBe(platform.ADDRESS_BYTES);
  expect(port.RX_WORDS).toBe(platform.RX_WORDS);
  expect(port.TX_PACKET_WORDS).toBe(platform.TX_PACKET_WORDS);
  expect(port.TX_RUN_WORDS).toBe(platform.TX_RUN_WORDS);
  expect(port.RUN_PACKETS).toBe(platform.RUN_PACKETS);
  expect(port.PacketKind).toEqual(platform.PacketKind);
  expect(port.Rx).toEqual(platform.Rx);
  expect(port.TxPacket).toEqual(platform.TxPacket);
  expect(port.TxRun).toEqual(platform.TxRun);
});
