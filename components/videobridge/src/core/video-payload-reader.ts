/** Reads what the payload, or a header extension, tells of a video packet: where it can begin, what layer it is of, its counters. */
import {
  beginsAv1Sequence,
  beginsH264KeyFrame,
  DependencyDescriptor,
  h264PictureHeight,
  PayloadKind,
  Vp9Descriptor,
  vp8PictureHeight,
} from '@conclave/protocols/rtp';
import type { IncomingPacket } from './incoming-packet.ts';
import type { IncomingStream } from './incoming-stream.ts';
import { SLOT_SIZE } from './packet-port.ts';

export class VideoPayloadReader {
  /** The packet that was read begins a key frame. */
  isKeyFrameStart = false;
  readonly #arena: Uint8Array;
  readonly #descriptor = new DependencyDescriptor();

  constructor(arena: Uint8Array) {
    this.#arena = arena;
  }

  /** False for a payload that cannot be what its type says. Sets everything of the packet but `isSwitchPoint`. */
  read(packet: IncomingPacket, stream: IncomingStream, nowMs: number): boolean {
    packet.layers.isKnown = false;
    switch (packet.kind) {
      case PayloadKind.vp8:
        return this.#readVp8(packet, stream, nowMs);
      case PayloadKind.vp9:
        return this.#readVp9(packet, stream, nowMs);
      case PayloadKind.av1:
      case PayloadKind.h264:
        this.#readDependencies(packet, stream, nowMs);
        return true;
      default:
        // A codec that is not known: any packet may be the beginning.
        this.isKeyFrameStart = true;
        return true;
    }
  }

  #readVp8(packet: IncomingPacket, stream: IncomingStream, nowMs: number): boolean {
    const { vp8, payloadLength } = packet;
    const at = packet.slot * SLOT_SIZE + packet.payloadOffset;
    if (!vp8.read(this.#arena, at, payloadLength)) return false;
    packet.findCounters(vp8);
    this.isKeyFrameStart = vp8.isKeyFrameStart;
    if (this.isKeyFrameStart) {
      const height = vp8PictureHeight(this.#arena, at + vp8.length, payloadLength - vp8.length);
      if (height > 0) stream.pictureHeightIs(height, nowMs);
    }
    // Where the extension is negotiated, libwebrtc leaves all of that out of the payload.
    if (vp8.temporalId < 0) this.#readDescriptor(packet, stream);
    return true;
  }

  #readVp9(packet: IncomingPacket, stream: IncomingStream, nowMs: number): boolean {
    const vp9 = packet.vp9 ?? new Vp9Descriptor();
    packet.vp9 = vp9;
    const at = packet.slot * SLOT_SIZE + packet.payloadOffset;
    if (!vp9.read(this.#arena, at, packet.payloadLength)) return false;
    packet.findCounters(vp9);
    this.isKeyFrameStart = vp9.isKeyFrameStart;
    if (this.isKeyFrameStart && vp9.spatialLayers > 0) {
      stream.spatialLayersAre(vp9.spatialLayers, vp9.heights, nowMs);
      const height = vp9.heights[vp9.spatialLayers - 1]!;
      if (height > 0) stream.pictureHeightIs(height, nowMs);
    }
    if (vp9.isInterPicture && vp9.spatialId > 0) stream.isLayered = vp9.isInterLayer;
    packet.layers.setVp9(vp9, stream.topSpatialId);
    return true;
  }

  /** AV1, and H.264, which tells its layers in no other way. */
  #readDependencies(packet: IncomingPacket, stream: IncomingStream, nowMs: number): void {
    const { payloadLength } = packet;
    const descriptor = this.#descriptor;
    const at = packet.slot * SLOT_SIZE + packet.payloadOffset;
    const isAv1 = packet.kind === PayloadKind.av1;
    this.isKeyFrameStart = isAv1
      ? beginsAv1Sequence(this.#arena, at, payloadLength)
      : beginsH264KeyFrame(this.#arena, at, payloadLength);
    if (this.isKeyFrameStart && !isAv1) {
      const height = h264PictureHeight(this.#arena, at, payloadLength);
      if (height > 0) stream.pictureHeightIs(height, nowMs);
    }
    const { layers } = packet;
    if (!this.#readDescriptor(packet, stream)) return;
    if (!descriptor.hasStructure) {
      const { spatialId, topSpatialId, neededBySpatial } = layers;
      if (spatialId < topSpatialId) stream.isLayered = neededBySpatial >> (spatialId + 1) !== 0;
      this.isKeyFrameStart &&= layers.isKey;
      return;
    }
    if (isAv1) this.isKeyFrameStart = layers.isKey && descriptor.isFrameStart;
    const { heights, maxSpatialId } = descriptor.structure!;
    stream.spatialLayersAre(maxSpatialId + 1, heights, nowMs);
    const height = heights[maxSpatialId] ?? 0;
    if (height > 0) stream.pictureHeightIs(height, nowMs);
  }

  /** The layers of the packet's frame, from its dependency descriptor; false without one that can be understood. */
  #readDescriptor({ slot, extension, layers }: IncomingPacket, stream: IncomingStream): boolean {
    if (extension === 0) return false;
    const at = slot * SLOT_SIZE + ((extension >>> 8) & 0x7ff);
    const descriptor = this.#descriptor;
    const isRead = descriptor.read(this.#arena, at, extension & 0xff, stream.dependencies);
    if (!isRead || descriptor.structure === undefined) return false;
    layers.setDependencies(descriptor);
    if (descriptor.hasStructure) stream.dependencies = descriptor.structure;
    return true;
  }
}
