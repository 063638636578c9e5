/** What the focus offers for the bridge channel: a WebSocket with an opaque URL, or a data channel in the session. */
import type { Jingle } from '@conclave/protocols/jingle';
import type { Platform } from '../platform/platform.ts';
import type { OpenCarrier } from './bridge-channel.ts';
import { openDataChannel } from './data-channel-socket.ts';

/** RFC 8841 in Jingle's clothes: a content with an SCTP port. */
export function hasDataChannel(offer: Pick<Jingle, 'contents'>): boolean {
  return offer.contents.some(({ transport }) => transport?.sctpPort !== undefined);
}

/** The data channel where there is one; undefined when there is nothing that we can open. */
export function carrierOf(
  offer: Pick<Jingle, 'contents'>,
  platform: Pick<Platform, 'openSocket'>,
  pc: Pick<RTCPeerConnection, 'createDataChannel'>,
): OpenCarrier | undefined {
  if (hasDataChannel(offer)) return (events) => openDataChannel(pc, events);
  const url = offer.contents
    .map(({ transport }) => transport?.webSocketUrl)
    .find((candidate) => candidate !== undefined);
  // It has a password in it: not for the log.
  if (url === undefined || !/^wss?:\/\//.test(url)) return undefined;
  return (events) => platform.openSocket(url, undefined, events);
}
