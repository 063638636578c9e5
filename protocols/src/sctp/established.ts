/** What an association consists of once both sides' numbers are known, and how its chunks fill packets. */
import {
  CHUNK_HEADER_BYTES,
  type Chunk,
  ChunkType,
  PACKET_HEADER_BYTES,
  paddedLength,
} from './chunk.ts';
import { DATA_HEADER_BYTES, writeDataChunk } from './data-chunk.ts';
import type { OwnNumbers } from './handshake.ts';
import type { InitChunk } from './init-chunk.ts';
import { ReceiveWindow } from './receive-window.ts';
import type { RetransmissionTimeout } from './retransmission-timeout.ts';
import { writeSackChunk } from './sack-chunk.ts';
import { SendQueue } from './send-queue.ts';
import { StreamResets } from './stream-resets.ts';

/** With DTLS, UDP and IPv6 around it this fits a path of 1280 bytes. */
const MAX_PACKET_BYTES = 1172;

export interface Established {
  readonly peerTag: number;
  readonly send: SendQueue;
  readonly receive: ReceiveWindow;
  readonly resets: StreamResets;
}

export function establish(
  own: OwnNumbers,
  peer: InitChunk,
  limits: { readonly windowBytes: number; readonly maxMessageBytes: number },
  timeout: RetransmissionTimeout,
): Established {
  const { initialTsn } = own;
  const { windowBytes } = peer;
  return {
    peerTag: peer.initiateTag,
    send: new SendQueue({ initialTsn, windowBytes, maxPacketBytes: MAX_PACKET_BYTES }, timeout),
    receive: new ReceiveWindow(limits, peer.initialTsn),
    resets: new StreamResets(initialTsn, peer.initialTsn),
  };
}

/** Chunks of data that may go out now, packet by packet, behind a report of what arrived if `hasSack`. */
export function* fillPackets(
  { send, receive }: Established,
  hasSack: boolean,
  nowMs: number,
): Generator<readonly Chunk[]> {
  let chunks: Chunk[] = [];
  let room = MAX_PACKET_BYTES - PACKET_HEADER_BYTES;
  if (hasSack) {
    const value = writeSackChunk(receive.takeSack());
    chunks.push({ type: ChunkType.sack, flags: 0, value });
    room -= CHUNK_HEADER_BYTES + value.length;
  }
  for (;;) {
    const data = send.take(room - CHUNK_HEADER_BYTES - DATA_HEADER_BYTES, nowMs);
    if (data !== undefined) {
      const { flags, value } = writeDataChunk(data);
      chunks.push({ type: ChunkType.data, flags, value });
      room -= paddedLength(CHUNK_HEADER_BYTES + value.length);
      continue;
    }
    if (chunks.length === 0) return;
    yield chunks; // there may be more than fits beside these
    chunks = [];
    room = MAX_PACKET_BYTES - PACKET_HEADER_BYTES;
  }
}
