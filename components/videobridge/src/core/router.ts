/**
 * Who gets a packet: audio goes to every other endpoint of the conference, video to those whose
 * projection takes it. Writes one send record per receiver and run; the payload stays in its slot.
 */

import { absoluteSendTime, PayloadKind, RedPayload } from '@conclave/protocols/rtp';
import { NOT_RED } from './audio-forward.ts';
import type { BridgeContext } from './bridge-context.ts';
import type { IncomingPacket } from './incoming-packet.ts';
import type { IncomingStream } from './incoming-stream.ts';
import { SLOT_SIZE } from './packet-port.ts';
import { PacketRun } from './packet-run.ts';
import type { VideoProjection } from './projection/video-projection.ts';
import { RetransmissionCache } from './retransmission-cache.ts';
import {
  extensionWord8,
  extensionWord16,
  extensionWord24,
  LAST_HAS_MARKER,
  RTP_HEADER_BYTES,
} from './send-pipeline.ts';
import { wantedElsewhere } from './sender-constraints.ts';
import { VideoPayloadReader } from './video-payload-reader.ts';
import { findPlace } from './voice-places.ts';
import { hearVoice } from './voice-wiring.ts';

const UNWRITTEN = -1;

type RouterContext = Pick<
  BridgeContext,
  'send' | 'paced' | 'sentLog' | 'store' | 'keyframes' | 'maps'
>;

export class Router {
  readonly #context: RouterContext;
  readonly #arena: Uint8Array;
  readonly #reader: VideoPayloadReader;
  readonly #red = new RedPayload();
  readonly #cachedRun = new PacketRun();

  constructor(context: RouterContext, arena: Uint8Array) {
    this.#context = context;
    this.#arena = arena;
    this.#reader = new VideoPayloadReader(arena);
  }

  routeAudio(packet: IncomingPacket, stream: IncomingStream, nowMs: number): void {
    const { send, maps } = this.#context;
    hearVoice(stream.source, packet.isAmongLoudest, nowMs);
    const forwards = stream.source.audioForwards;
    const { loudestInSlots } = stream.source.owner.conference;
    let written = UNWRITTEN;
    const isRed = packet.kind === PayloadKind.red;
    const payloadAt = packet.slot * SLOT_SIZE + packet.payloadOffset;
    const isUnwrapped = isRed && this.#red.read(this.#arena, payloadAt, packet.payloadLength);
    const plainType = isUnwrapped ? this.#red.payloadType : NOT_RED;
    for (let i = 0; i < forwards.length; i++) {
      const forward = forwards[i]!;
      const { receiver, peer } = forward;
      if (!forward.hears(packet) || !receiver.isConnected) continue;
      if (!forward.accepts(packet.payloadType, packet.kind, plainType)) continue;
      if (forward.slots !== undefined && !findPlace(forward, packet, loudestInSlots, maps, nowMs)) {
        continue;
      }
      const extendedSeq = forward.project(packet, stream, nowMs);
      if (Number.isNaN(extendedSeq)) continue;
      const { out, timestampOffset } = forward;
      if (written === UNWRITTEN) {
        // Both at once: what was reserved before may be void after another reservation.
        written = send.reserve(2);
        send.incoming(packet);
        if (isUnwrapped) this.#writePlain(packet);
      }
      // Of all extensions only the level goes on; ids are the receiver's.
      const level =
        packet.audioLevel >= 0 && forward.audioLevelId > 0
          ? extensionWord8(forward.audioLevelId, packet.audioLevel)
          : 0;
      const first = forward.isPlain ? written + 1 : written;
      send.run(
        first,
        1,
        peer,
        out.ssrcWord,
        extendedSeq,
        timestampOffset,
        level,
        out.midWord,
        0,
        0,
      );
      const timestamp = (packet.timestamp + timestampOffset) | 0;
      out.sent(extendedSeq, timestamp, packet.marker, packet.payloadLength, nowMs);
    }
  }

  /** The newest frame of RED alone, for receivers that have not negotiated it. */
  #writePlain(packet: IncomingPacket): void {
    const { offset, payloadType } = this.#red;
    this.#context.send.packet(
      packet.slot,
      packet.payloadOffset + offset,
      packet.payloadLength - offset,
      packet.marker,
      payloadType,
      packet.extendedSeq,
      packet.timestamp,
      0,
      0,
      0,
      0,
    );
  }

  routeVideo(run: PacketRun, nowMs: number): void {
    const { stream } = run;
    const { source } = stream;
    const { wanted } = source;
    const first = run.packets[0]!;
    let written = UNWRITTEN;
    let isForwarded = false;
    let isKeyframeWanted = false;
    for (let i = 0; i < wanted.length; i++) {
      const projection = wanted[i]!;
      const { receiver } = projection;
      if (projection.targetIndex < 0 || !receiver.isConnected) continue;
      if (!projection.accepts(first.payloadType, first.kind)) continue;
      const isShown = projection.isShowing(stream);
      if (isShown || run.hasSwitchPoint) {
        for (let at = 0; at < run.length; ) {
          const count = projection.project(run, at, nowMs);
          if (count > 0) {
            if (written === UNWRITTEN) written = this.#write(run);
            this.#send(run, at, count, written + at, projection, nowMs);
            isForwarded = true;
          }
          at += Math.max(1, count);
        }
        if (!isShown && projection.isShowing(stream)) {
          this.#catchUp(run, projection, nowMs);
          written = UNWRITTEN; // making room for others may have cost ours
        }
      }
      if (projection.targetIndex === stream.index && projection.isWaitingForKeyframe) {
        isKeyframeWanted = true;
      }
    }
    if (isKeyframeWanted) this.#context.keyframes.want(source, stream.index, nowMs);
    // While a key frame is waited for packets are kept too: its beginning may be repaired late. And other bridges may ask for them.
    if (isForwarded || isKeyframeWanted || wantedElsewhere(source) > 0) this.#keep(run, nowMs);
  }

  /** Returns the number of the run's first packet among those to send. */
  #write(run: PacketRun): number {
    const { send, sentLog } = this.#context;
    run.sizesAt = sentLog.addSizes(run.sizesBytes, run.length);
    const first = send.reserve(run.length);
    for (let i = 0; i < run.length; i++) send.incoming(run.packets[i]!);
    return first;
  }

  /** In the cache, for retransmission. */
  #keep({ stream, packets, length }: PacketRun, nowMs: number): void {
    stream.lastWantedMs = nowMs;
    stream.cache ??= new RetransmissionCache(this.#context.store);
    for (let i = 0; i < length; i++) stream.cache.put(packets[i]!, nowMs);
  }

  /** After a switch at a key frame whose beginning came late: what came before it, in order. */
  #catchUp(switched: PacketRun, projection: VideoProjection, nowMs: number): void {
    const { stream } = switched;
    const { cache } = stream;
    const last = switched.packets[switched.length - 1]!;
    if (cache === undefined) return;
    const run = this.#cachedRun;
    for (let seq = last.extendedSeq + 1; seq <= stream.newestSeq; seq++) {
      const at = cache.find(seq);
      if (at < 0) continue;
      run.clear();
      const packet = run.next;
      cache.read(at, packet);
      packet.kind = last.kind;
      packet.isSwitchPoint = false;
      if (packet.payloadType !== last.payloadType) return;
      if (!this.#reader.read(packet, stream, nowMs)) return;
      run.append(stream);
      if (projection.project(run, 0, nowMs) === 0) continue;
      this.#send(run, 0, 1, this.#write(run), projection, nowMs);
    }
  }

  /** `count` packets from position `at` of the run on, as the projection decided; `written`: number of the first among those to send. */
  #send(
    run: PacketRun,
    at: number,
    count: number,
    written: number,
    projection: VideoProjection,
    nowMs: number,
  ): void {
    const { receiver, out, extendedSeq, timestampOffset, addA, addB, isPictureEnd } = projection;
    const first = run.packets[at]!;
    const last = run.packets[at + count - 1]!;
    const payloadBytes = run.payloadBytes(at, count);
    const sizeBytes = payloadBytes + count * RTP_HEADER_BYTES;
    if (receiver.isPaced && !receiver.pacing.take(sizeBytes, nowMs)) {
      this.#context.paced.wait(projection, extendedSeq, count, sizeBytes);
    } else {
      const { transportCcId } = projection;
      let extension = 0;
      if (transportCcId > 0) {
        const transportSeq = receiver.takeTransportSeqs(count, run.sizesAt + at, nowMs);
        extension = extensionWord16(transportCcId, transportSeq);
      } else if (projection.sendTimeId > 0) {
        extension = extensionWord24(projection.sendTimeId, absoluteSendTime(nowMs));
      }
      // packet-io pads packets of one run to one size; a packet that is sent again is alone, and is not padded.
      const runLength = projection.isRepeatedAsSent ? 1 : count;
      for (let i = 0; i < count; i += runLength) {
        const setsMarker = isPictureEnd && i + runLength === count;
        this.#context.send.run(
          written + i,
          runLength,
          projection.peer,
          out.ssrcWord,
          extendedSeq + i,
          timestampOffset,
          extension,
          out.midWord,
          addA,
          setsMarker ? addB | LAST_HAS_MARKER : addB,
        );
      }
    }
    const { ring } = projection;
    const { index } = run.stream;
    const seq = first.extendedSeq;
    // The last one is repeated with the marker, the others without.
    const plain = isPictureEnd ? count - 1 : count;
    if (plain > 0) ring.put(extendedSeq, plain, index, seq, timestampOffset, addA, addB);
    if (isPictureEnd) {
      const marked = addB | LAST_HAS_MARKER;
      ring.put(extendedSeq + plain, 1, index, seq + plain, timestampOffset, addA, marked);
    }
    const timestamp = (last.timestamp + timestampOffset) | 0;
    out.sentRun(extendedSeq, count, timestamp, last.marker || isPictureEnd, payloadBytes, nowMs);
  }
}
