/**
 * Who gets a packet: audio goes to every other endpoint of the conference, video to those whose
 * projection takes it. Writes one send descriptor per receiver; the payload stays in its slot.
 */

import { PayloadKind } from '@conclave/protocols/rtp';
import type { BridgeContext } from './bridge-context.ts';
import type { IncomingPacket } from './incoming-packet.ts';
import type { IncomingStream } from './incoming-stream.ts';
import type { VideoProjection } from './projection/video-projection.ts';
import { RetransmissionCache } from './retransmission-cache.ts';
import { extensionWord8, extensionWord16 } from './send-pipeline.ts';

export class Router {
  readonly #context: Pick<BridgeContext, 'send' | 'store' | 'keyframes'>;

  constructor(context: Pick<BridgeContext, 'send' | 'store' | 'keyframes'>) {
    this.#context = context;
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
      if (projection.project(packet, stream, nowMs)) {
        this.#sendVideo(packet, stream, projection, nowMs);
        isForwarded = true;
      } else if (projection.targetIndex === stream.index && projection.isWaitingForKeyframe) {
        isKeyframeWanted = true;
      }
    }
    if (isKeyframeWanted) this.#context.keyframes.want(source, stream.index, nowMs);
    if (!isForwarded) return;
    stream.lastForwardedMs = nowMs;
    stream.cache ??= new RetransmissionCache(this.#context.store);
    stream.cache.put(
      packet.extendedSeq,
      packet.slot,
      packet.payloadOffset,
      packet.payloadLength,
      packet.marker,
      packet.payloadType,
      nowMs,
    );
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
      transportSeq = receiver.nextTransportSeq;
      receiver.nextTransportSeq = (transportSeq + 1) & 0xffff;
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
