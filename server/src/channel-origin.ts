/**
 * Where clients open their bridge channel. The bridge says one URL for everyone, but without
 * PUBLIC_URL nobody knows the server's name: what is certain is the address that each client has
 * used for its own XMPP stream. So the bridge says a placeholder, and each stream's outgoing text
 * gets that client's address instead.
 */
import { type RandomSource, randomHex } from '@conclave/base';
import type { ClientAddress } from './web/client-address.ts';

export interface ChannelOrigin {
  /** For the bridge: `wss://host:port/colibri-ws/`. */
  readonly baseUrl: string;
  /** Wraps the sender of a stream whose client reaches us at `address`. */
  rewrite(send: (text: string) => void, address: ClientAddress): (text: string) => void;
}

const PATH = '/colibri-ws/';

export function createChannelOrigin(
  publicUrl: URL | undefined,
  random: RandomSource,
): ChannelOrigin {
  if (publicUrl !== undefined) {
    const scheme = publicUrl.protocol === 'https:' ? 'wss' : 'ws';
    return { baseUrl: `${scheme}://${publicUrl.host}${PATH}`, rewrite: (send) => send };
  }
  // Random, so that nobody can make the server rewrite what they write; `.invalid` is RFC 6761 §6.4.
  const placeholder = `wss://${randomHex(random, 16)}.invalid`;
  return {
    baseUrl: `${placeholder}${PATH}`,
    rewrite: (send, address) => (text) =>
      send(
        text.includes(placeholder) ? text.replaceAll(placeholder, address.webSocketOrigin) : text,
      ),
  };
}
