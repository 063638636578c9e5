/**
 * Sends each bridge channel's messages the way it was opened: WebSockets are the shell's, with numbers
 * above zero; data channels end here and have numbers below zero.
 */
import type { ColibriEvent, RelayTransport } from '@conclave/protocols/colibri';
import type { BridgeOutlet } from './bridge-outlet.ts';
import type { SctpChannel } from './sctp-channel.ts';

export class ChannelSwitch implements BridgeOutlet {
  readonly #shell: BridgeOutlet;
  readonly #dataChannels = new Map<number, SctpChannel>();
  #lastId = 0;

  constructor(shell: BridgeOutlet) {
    this.#shell = shell;
  }

  /** The new channel's number. */
  add(channel: SctpChannel): number {
    this.#dataChannels.set(--this.#lastId, channel);
    return this.#lastId;
  }

  /** The client has closed it. */
  remove(channelId: number): void {
    this.#dataChannels.delete(channelId);
  }

  event(event: ColibriEvent): void {
    this.#shell.event(event);
  }

  sendOnChannel(channelId: number, text: string): void {
    if (channelId < 0) this.#dataChannels.get(channelId)?.send(text);
    else this.#shell.sendOnChannel(channelId, text);
  }

  sendToBridge(to: RelayTransport, text: string): void {
    this.#shell.sendToBridge(to, text);
  }

  addressesMapped(addresses: readonly Uint8Array[]): void {
    this.#shell.addressesMapped(addresses);
  }

  closeChannel(channelId: number, code: number, reason: string): void {
    if (channelId >= 0) {
      this.#shell.closeChannel(channelId, code, reason);
      return;
    }
    const channel = this.#dataChannels.get(channelId);
    this.#dataChannels.delete(channelId);
    channel?.close();
  }
}
