import * as platform from '@conclave/platform/packet-io';
import { expect, test } from 'vitest';
import * as port from './packet-port.ts';

test("the core's view of packet-io is packet-io's", () => {
  expect(port.SLOT_SIZE).toBe(platform.SLOT_SIZE);
  expect(port.ADDRESS_BYTES).toBe(platform.ADDRESS_BYTES);
  expect(port.RX_WORDS).toBe(platform.RX_WORDS);
  expect(port.TX_WORDS).toBe(platform.TX_WORDS);
  expect(port.PacketKind).toEqual(platform.PacketKind);
  expect(port.Rx).toEqual(platform.Rx);
  expect(port.Tx).toEqual(platform.Tx);
});
