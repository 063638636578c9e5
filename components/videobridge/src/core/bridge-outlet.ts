/** What the bridge tells the outside. */
import type { ColibriEvent, RelayTransport } from '@conclave/protocols/colibri';

/** Consumed by the shell. Channel ids are the shell's. */
export interface BridgeOutlet {
  event(event: ColibriEvent): void;
  sendOnChannel(channelId: number, text: string): void;
  /** To the other end of a relay, on its bridge. */
  sendToBridge(to: RelayTransport, text: string): void;
  /** Under which addresses the world sees us now; other workers on this port may want to know. */
  addressesMapped(addresses: readonly Uint8Array[]): void;
  closeChannel(channelId: number, code: number, reason: string): void;
}
