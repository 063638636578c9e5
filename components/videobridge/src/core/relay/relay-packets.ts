/**
 * What crosses relays as packets: RTP and sender reports of endpoints here, key frame requests of receivers there and what got lost on
 * the way; and the same back.
 */
import { extendSeq } from '@conclave/base';
import {
  firCount,
  firSsrc,
  PayloadFeedback,
  RtcpCursor,
  RtcpType,
  readNack,
  TransportFeedback,
} from '@conclave/protocols/rtcp';
import type { BridgeContext } from '../bridge-context.ts';
import type { IncomingStream } from '../incoming-stream.ts';
import { PacketKind, type PacketPort, SLOT_SIZE } from '../packet-port.ts';
import { wantedElsewhere } from '../sender-constraints.ts';
import type { SourceOwner } from '../source-owner.ts';
import type { Relay } from './relay.ts';

const RTP_HEADER_BYTES = 12;
const SSRC_OFFSET = 8;
/** FIR entries of one packet that are looked at. */
const MAX_FIRS = 16;
/** Numbers of one NACK that are looked at. */
const MAX_NACKS = 128;
const PADDING_BIT = 0x20;

/** What is done with packets of remote endpoints, as with those of our own. */
export interface RelayedPacketHandler {
  handleRtp(
    owner: SourceOwner,
    slot: number,
    length: number,
    ageMicros: number,
    nowMs: number,
  ): void;
  /** At the cursor. */
  handleSenderReport(owner: SourceOwner, cursor: RtcpCursor, nowMs: number): boolean;
}

export class RelayPackets {
  readonly #context: Pick<BridgeContext, 'port' | 'keyframes' | 'counters'>;
  readonly #handler: RelayedPacketHandler;
  readonly #cursor = new RtcpCursor();
  readonly #seqs = new Uint16Array(MAX_NACKS);

  constructor(
    context: Pick<BridgeContext, 'port' | 'keyframes' | 'counters'>,
    handler: RelayedPacketHandler,
  ) {
    this.#context = context;
    this.#handler = handler;
  }

  /** A packet from the other end. */
  handlePacket(
    relay: Relay,
    kind: number,
    slot: number,
    length: number,
    ageMicros: number,
    nowMs: number,
  ): void {
    if (kind === PacketKind.rtcp) this.#handleRtcp(relay, slot, length, nowMs);
    if (kind !== PacketKind.rtp) return;
    const { counters, port } = this.#context;
    const owner = relay.ownersBySsrc.get(ssrcAt(port.arena, slot * SLOT_SIZE + SSRC_OFFSET));
    if (owner === undefined || length < RTP_HEADER_BYTES) counters.relayedUnknownSsrc++;
    else this.#handler.handleRtp(owner, slot, length, ageMicros, nowMs);
  }

  #handleRtcp(relay: Relay, slot: number, length: number, nowMs: number): void {
    const { conference, ownersBySsrc } = relay;
    const cursor = this.#cursor;
    cursor.reset(this.#context.port.arena, slot * SLOT_SIZE, length);
    const want = (ssrc: number) => {
      const stream = conference.localStream(ssrc);
      if (stream === undefined) this.#context.counters.relayedUnknownSsrc++;
      else this.#context.keyframes.want(stream.source, stream.index, nowMs);
    };
    while (cursor.next()) {
      if (cursor.type === RtcpType.senderReport) {
        const owner = ownersBySsrc.get(cursor.senderSsrc | 0);
        if (owner !== undefined) this.#handler.handleSenderReport(owner, cursor, nowMs);
      } else if (cursor.type === RtcpType.transportFeedback) {
        if (cursor.count === TransportFeedback.nack) this.#repeat(relay);
      } else if (cursor.type === RtcpType.payloadFeedback) {
        if (cursor.count === PayloadFeedback.pli) want(cursor.mediaSsrc);
        if (cursor.count !== PayloadFeedback.fir) continue;
        const count = Math.min(firCount(cursor.bodyLength), MAX_FIRS);
        for (let i = 0; i < count; i++) want(firSsrc(cursor.bytes, cursor.bodyOffset, i));
      }
    }
  }

  /** What the NACK at the cursor asks for, as far as it is here: what is missing here too the sender was asked for. */
  #repeat({ conference, peer }: Relay): void {
    const { bytes, bodyOffset, bodyLength, mediaSsrc } = this.#cursor;
    const { port } = this.#context;
    const stream = conference.localStream(mediaSsrc);
    if (stream?.cache === undefined) return;
    const { cache, highestSeq } = stream;
    const count = readNack(bytes, bodyOffset, bodyLength, this.#seqs);
    for (let i = 0; i < count; i++) {
      const at = cache.find(stream.closeUp(extendSeq(this.#seqs[i]!, highestSeq)));
      if (at < 0) continue;
      const slot = cache.slot(at);
      // How much padding there was is not known any more.
      if ((port.arena[slot * SLOT_SIZE]! & PADDING_BIT) !== 0) continue;
      port.relay(peer, slot, cache.payloadOffset(at) + cache.payloadLength(at));
    }
  }
}

/** Sends a packet of an endpoint of ours, which has just come, to every other bridge of its conference. */
export function relayRtp(
  port: Pick<PacketPort, 'relay'>,
  { conference, isAudioForceMuted, isVideoForceMuted }: SourceOwner,
  stream: IncomingStream,
  slot: number,
  length: number,
  nowMs: number,
): void {
  const { source } = stream;
  if (source.type === 'audio' ? isAudioForceMuted : isVideoForceMuted) return;
  // So that we ask for what is missing, whether or not somebody here wants it.
  if (wantedElsewhere(source) > 0) stream.lastWantedMs = nowMs;
  for (const relay of conference.relays.values()) {
    if (relay.isConnected) port.relay(relay.peer, slot, length);
  }
}

/** The same for the sender report at the cursor. */
export function relaySenderReport(
  port: Pick<PacketPort, 'sendRtcp'>,
  { conference }: SourceOwner,
  { bytes, packetOffset, bodyOffset, bodyLength }: RtcpCursor,
): void {
  for (const relay of conference.relays.values()) {
    if (!relay.isConnected) continue;
    port.sendRtcp(relay.peer, bytes.subarray(packetOffset, bodyOffset + bodyLength));
  }
}

/** Signed, as maps have it. */
function ssrcAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
