/**
 * Who gets a packet: audio goes to every other endpoint of the conference, video to those whose
 * projection takes it. Writes one send descriptor per receiver; the payload stays in its slot.
 */

import { PayloadKind } from '@conclave/protocols/rtp';
import type { BridgeContext } from './bridge-context.ts';
import { IncomingPacket } from './incoming-packet.ts';
import type { IncomingStream } from './incoming-stream.ts';
import { SLOT_SIZE } from './packet-port.ts';
import type { VideoProjection } from './projection/video-projection.ts';
import { RetransmissionCache } from './retransmission-cache.ts';
import { extensionWord8, extensionWord16, RTP_HEADER_BYTES } from './send-pipeline.ts';

export class Router {
  readonly #context: Pick<BridgeContext, 'send' | 'store' | 'keyframes'>;

  readonly #arena: Uint8Array;
  readonly #cachedPacket = new IncomingPacket();

  constructor(context: Pick<BridgeContext, 'send' | 'store' | 'keyframes'>, arena: Uint8Array) {
    this.#context = context;
    this.#arena = arena;
  }

  routeAudio(packet: IncomingPacket, stream: IncomingStream, nowMs: number): void {
    const { send } = this.#context;
    const forwards = stream.source.audioForwards;
    for (let i = 0; i < forwards.length; i++) {
      const forward = forwards[i]!;
      const { receiver, out } = forward;
      const { payloads } = receiver;
      if (!receiver.isConnected || payloads.kind(packet.payloadType) !== PayloadKind.audio)
        continue;
      const extendedSeq = forward.project(packet.extendedSeq, stream);
      if (Number.isNaN(extendedSeq)) continue;
      // Of all extensions only the level goes on; ids are the receiver's.
      const level =
        packet.audioLevel >= 0 && payloads.audioLevelId > 0
          ? extensionWord8(payloads.audioLevelId, packet.audioLevel)
          : 0;
      send.write(
        packet.slot,
        packet.payloadOffset,
        packet.payloadLength,
        receiver.transport.peer,
        packet.marker,
        packet.payloadType,
        extendedSeq,
        packet.timestamp,
        out.ssrcWord,
        level,
        0,
        0,
        0,
        0,
      );
      out.sent(extendedSeq, packet.timestamp, packet.marker, packet.payloadLength, nowMs);
    }
  }

  routeVideo(packet: IncomingPacket, stream: IncomingStream, nowMs: number): void {
    const { source } = stream;
    const { projections } = source;
    let isForwarded = false;
    let isKeyframeWanted = false;
    for (let i = 0; i < projections.length; i++) {
      const projection = projections[i]!;
      const { receiver } = projection;
      if (projection.targetIndex < 0 || !receiver.isConnected) continue;
      if (receiver.payloads.kind(packet.payloadType) !== packet.kind) continue;
      const isFirst = projection.currentIndex !== stream.index;
      if (projection.project(packet, stream, nowMs)) {
        this.#sendVideo(packet, stream, projection, nowMs);
        if (isFirst) this.#catchUp(packet, stream, projection, nowMs);
        isForwarded = true;
      } else if (projection.targetIndex === stream.index && projection.isWaitingForKeyframe) {
        isKeyframeWanted = true;
      }
    }
    if (isKeyframeWanted) this.#context.keyframes.want(source, stream.index, nowMs);
    // While a key frame is waited for packets are kept too: its beginning may be repaired late.
    if (!isForwarded && !isKeyframeWanted) return;
    stream.lastWantedMs = nowMs;
    stream.cache ??= new RetransmissionCache(this.#context.store);
    stream.cache.put(
      packet.extendedSeq,
      packet.slot,
      packet.payloadOffset,
      packet.payloadLength,
      packet.marker,
      packet.payloadType,
      packet.timestamp,
      nowMs,
    );
  }

  /** After a switch at a key frame whose beginning came late: what came before it, in order. */
  #catchUp(
    first: IncomingPacket,
    stream: IncomingStream,
    projection: VideoProjection,
    nowMs: number,
  ): void {
    const { cache } = stream;
    const newest = stream.closeUp(stream.highestSeq);
    if (cache === undefined || first.kind !== PayloadKind.vp8) return;
    const packet = this.#cachedPacket;
    for (let seq = first.extendedSeq + 1; seq <= newest; seq++) {
      const at = cache.find(seq);
      if (at < 0) continue;
      packet.slot = cache.slot(at);
      packet.payloadOffset = cache.payloadOffset(at);
      packet.payloadLength = cache.payloadLength(at);
      packet.marker = cache.marker(at);
      packet.payloadType = cache.payloadType(at);
      packet.timestamp = cache.timestamp(at);
      packet.kind = first.kind;
      packet.extendedSeq = seq;
      const payloadAt = packet.slot * SLOT_SIZE + packet.payloadOffset;
      if (packet.payloadType !== first.payloadType) return;
      if (!packet.vp8.read(this.#arena, payloadAt, packet.payloadLength)) return;
      if (projection.project(packet, stream, nowMs)) {
        this.#sendVideo(packet, stream, projection, nowMs);
      }
    }
  }

  #sendVideo(
    packet: IncomingPacket,
    stream: IncomingStream,
    projection: VideoProjection,
    nowMs: number,
  ): void {
    const { receiver, out, vp8, extendedSeq, timestamp } = projection;
    const transportCcId = receiver.payloads.videoTransportCcId;
    let transportSeq = -1;
    let extension = 0;
    if (transportCcId > 0) {
      transportSeq = receiver.takeTransportSeq(RTP_HEADER_BYTES + packet.payloadLength, nowMs);
      extension = extensionWord16(transportCcId, transportSeq);
    }
    this.#context.send.write(
      packet.slot,
      packet.payloadOffset,
      packet.payloadLength,
      receiver.transport.peer,
      packet.marker,
      packet.payloadType,
      extendedSeq,
      timestamp,
      out.ssrcWord,
      extension,
      0,
      vp8.patchA,
      vp8.patchB,
      0,
    );
    projection.ring.put(
      extendedSeq,
      stream.index,
      packet.extendedSeq,
      timestamp,
      vp8.patchA,
      vp8.patchB,
      transportSeq,
    );
    out.sent(extendedSeq, timestamp, packet.marker, packet.payloadLength, nowMs);
  }
}
