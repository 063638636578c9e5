/**
 * The first step of an RTP packet: which stream it belongs to, whether it may go on, and what must
 * be noted about it (reports, loss, congestion control, levels). What passes goes to the router.
 */
import type { TransportCcRecorder } from '@conclave/protocols/rtcp';
import { isAudioKind, PayloadKind, RtpHeader } from '@conclave/protocols/rtp';
import type { Conference } from './conference.ts';
import type { DropCounters } from './drop-counters.ts';
import type { IncomingPacket } from './incoming-packet.ts';
import type { IncomingStream } from './incoming-stream.ts';
import type { KeyframeRequester } from './keyframe-requester.ts';
import { type PacketPort, SLOT_SIZE } from './packet-port.ts';
import { PacketRun } from './packet-run.ts';
import { relayRtp } from './relay/relay-packets.ts';
import type { Router } from './router.ts';
import type { Source } from './source.ts';
import type { SourceOwner } from './source-owner.ts';
import { VideoPayloadReader } from './video-payload-reader.ts';

/** RFC 6464: -127 dBov, which is digital silence. */
const SILENCE_LEVEL = 127;
/** A key frame's first packet may be repaired so many packets late: the others wait in the cache. */
const MAX_LATE_KEYFRAME = 200;
/** Silent packets that still go through, so that the receiver's buffer runs out softly. */
const MAX_SILENT_RUN = 3;

export class ReceivePipeline {
  readonly #port: Pick<PacketPort, 'relay'>;
  readonly #arena: Uint8Array;
  readonly #router: Router;
  readonly #keyframes: KeyframeRequester;
  readonly #counters: DropCounters;
  readonly #header = new RtpHeader();
  readonly #reader: VideoPayloadReader;
  /** Video that came and was not routed yet: more of the same frame may follow. */
  readonly #run = new PacketRun();
  /** The packet that is looked at. */
  #packet: IncomingPacket = this.#run.next;
  readonly #routingFailed: (source: Source, error: unknown, nowMs: number) => void;
  /** Streams that turned out to miss packets during this batch. */
  readonly #incomplete: IncomingStream[] = [];

  constructor(
    port: Pick<PacketPort, 'arena' | 'relay'>,
    router: Router,
    keyframes: KeyframeRequester,
    counters: DropCounters,
    routingFailed: (source: Source, error: unknown, nowMs: number) => void,
  ) {
    this.#routingFailed = routingFailed;
    this.#port = port;
    this.#arena = port.arena;
    this.#reader = new VideoPayloadReader(port.arena);
    this.#router = router;
    this.#keyframes = keyframes;
    this.#counters = counters;
  }

  /**
   * One decrypted RTP packet of `length` bytes in `slot`, from this endpoint. It may wait for more of its frame: the slot
   * must stay until `routePending`. `ageMicros`: how long before `nowMs` it reached the machine.
   * (That time itself would be a number with a fraction, and allocated for each packet.)
   */
  handleRtp(
    endpoint: SourceOwner,
    slot: number,
    length: number,
    ageMicros: number,
    nowMs: number,
  ): void {
    const header = this.#header;
    const base = slot * SLOT_SIZE;
    if (!header.read(this.#arena, base, length)) {
      this.#counters.rtpMalformed++;
      return;
    }
    if (this.#run.length > 0 && !this.#run.mayContinue(endpoint, header)) this.routePending(nowMs);
    const { transportCc } = endpoint;
    if (transportCc !== undefined) {
      this.#recordTransportSeq(endpoint, transportCc, nowMs, ageMicros);
    }
    const key = header.ssrc | 0;
    const primary = endpoint.streamsBySsrc.get(key);
    const stream = primary ?? endpoint.streamsByRtxSsrc.get(key);
    if (stream === undefined) {
      this.#counters.rtpUnknownSsrc++;
      return;
    }
    const isRepair = primary === undefined;
    if (endpoint.incoming !== undefined && stream.source.type === 'video') {
      this.#recordSendTime(endpoint, isRepair, length, nowMs, ageMicros);
    }
    if (endpoint.conference.relays.size > 0 && !endpoint.isRemote) {
      relayRtp(this.#port, endpoint, stream, slot, length, nowMs);
    }
    this.#packet = this.#run.next;
    if (!this.#readPayload(endpoint, stream, base, isRepair)) return;

    const packet = this.#packet;
    packet.slot = slot;
    if (!isRepair) {
      stream.reports.handlePacket(header.sequenceNumber, packet.timestamp, nowMs, ageMicros);
      stream.rate.add(length, nowMs);
    }
    const extendedSeq = stream.accept(packet.sequenceNumber, isRepair);
    if (Number.isNaN(extendedSeq)) {
      this.#counters.rtpDuplicateOrLate++;
      return;
    }
    if (stream.nack !== undefined) {
      stream.nack.handlePacket(packet.sequenceNumber, nowMs);
      if (stream.nack.missingCount > 0) this.#incomplete.push(stream);
    }
    stream.lastPacketMs = nowMs;
    const isKept =
      stream.source.type === 'audio'
        ? this.#inspectAudio(endpoint, stream, nowMs)
        : this.#inspectVideo(endpoint, stream, extendedSeq, nowMs);
    if (!isKept) {
      stream.leaveOut(extendedSeq);
      return;
    }
    if (!isRepair && stream.source.type === 'video') {
      const { kind, vp8, layers } = packet;
      const temporalId = layers.isKnown
        ? layers.temporalId
        : kind === PayloadKind.vp8
          ? vp8.temporalId
          : -1;
      if (temporalId >= 0) {
        stream.addLayerBytes(layers.isKnown ? layers.spatialId : 0, temporalId, length, nowMs);
      }
      if (packet.marker && endpoint.conference.countsPictures) {
        stream.addPicture(Math.max(0, temporalId), nowMs);
      }
    }
    packet.extendedSeq = stream.closeUp(extendedSeq);
    if (Number.isNaN(packet.extendedSeq)) {
      this.#counters.rtpDuplicateOrLate++;
      return;
    }
    // Before routing: this packet may begin the key frame that everybody waits for.
    if (!stream.isActive) {
      stream.isActive = true;
      if (stream.source.type === 'video') endpoint.conference.streamActivated(stream, nowMs);
    }
    if (stream.source.type === 'audio') this.#router.routeAudio(packet, stream, nowMs);
    else this.#queueVideo(stream, isRepair, nowMs);
  }

  /** At the end of the batch. */
  routePending(nowMs: number): void {
    const run = this.#run;
    if (run.length === 0) return;
    const { source } = run.stream;
    try {
      this.#router.routeVideo(run, nowMs);
    } catch (error) {
      this.#routingFailed(source, error, nowMs);
    } finally {
      run.clear();
    }
  }

  /** What waits of this conference's video goes nowhere any more. */
  forget(conference: Conference): void {
    const run = this.#run;
    if (run.length > 0 && run.stream.source.owner.conference === conference) run.clear();
  }

  #queueVideo(stream: IncomingStream, isRepair: boolean, nowMs: number): void {
    const run = this.#run;
    if (run.length > 0 && !run.continues(stream)) this.routePending(nowMs);
    run.append(stream);
    // A repaired packet is no neighbour of what came beside it.
    if (isRepair) this.routePending(nowMs);
  }

  /**
   * A stream that packets of this batch showed to be incomplete, or undefined when there is none left.
   * Taken at the end of the batch, when what was only out of order has come; may name one twice.
   */
  takeIncomplete(): IncomingStream | undefined {
    return this.#incomplete.pop();
  }

  /** Takes payload and type into the packet, RTX unwrapped (RFC 4588 §4). False: dropped and counted. */
  #readPayload(
    endpoint: SourceOwner,
    stream: IncomingStream,
    base: number,
    isRepair: boolean,
  ): boolean {
    const header = this.#header;
    const packet = this.#packet;
    packet.marker = header.marker;
    packet.timestamp = header.timestamp | 0;
    packet.payloadType = header.payloadType;
    packet.sequenceNumber = header.sequenceNumber;
    packet.payloadOffset = header.payloadOffset - base;
    packet.payloadLength = header.payloadLength;
    packet.counterA = 0;
    packet.counterB = 0;
    packet.extension = 0;
    packet.layers.isKnown = false;
    packet.kind = endpoint.payloads.kind(header.payloadType);
    if (packet.kind === PayloadKind.none) {
      this.#counters.rtpUnknownPayloadType++;
      return false;
    }
    if (isRepair !== (packet.kind === PayloadKind.rtx)) {
      this.#counters.rtpWrongKind++;
      return false;
    }
    if (isRepair) {
      if (packet.payloadLength < 2) {
        // Padding that probes for bandwidth; anything shorter than the prefix is nothing else.
        this.#counters.rtpPadding++;
        return false;
      }
      const at = header.payloadOffset;
      packet.sequenceNumber = (this.#arena[at]! << 8) | this.#arena[at + 1]!;
      packet.payloadOffset += 2;
      packet.payloadLength -= 2;
      packet.payloadType = endpoint.payloads.originalOf(header.payloadType);
      packet.kind = endpoint.payloads.kind(packet.payloadType);
    }
    if (packet.kind === PayloadKind.none || packet.kind === PayloadKind.rtx) {
      // RTX that repairs nothing we know, or itself.
      this.#counters.rtpUnknownPayloadType++;
      return false;
    }
    if (isAudioKind(packet.kind) !== (stream.source.type === 'audio')) {
      this.#counters.rtpWrongKind++;
      return false;
    }
    return true;
  }

  /** Also of packets that are then dropped: the sender's estimate is about the path. */
  #recordTransportSeq(
    { payloads }: SourceOwner,
    transportCc: TransportCcRecorder,
    nowMs: number,
    ageMicros: number,
  ): void {
    const isAudio = isAudioKind(payloads.kind(this.#header.payloadType));
    const id = isAudio ? payloads.audioTransportCcId : payloads.videoTransportCcId;
    if (id === 0) return;
    const at = this.#header.findExtension(this.#arena, id);
    if (at < 0 || this.#header.extensionLength < 2) return;
    transportCc.mediaSsrc = this.#header.ssrc;
    const seq = (this.#arena[at]! << 8) | this.#arena[at + 1]!;
    transportCc.handlePacket(seq, this.#header.marker, nowMs, ageMicros);
  }

  #recordSendTime(
    { payloads, incoming }: SourceOwner,
    isRepair: boolean,
    length: number,
    nowMs: number,
    ageMicros: number,
  ): void {
    const { ssrc, timestamp } = this.#header;
    const id = payloads.sendTimeId;
    const at = id === 0 ? -1 : this.#header.findExtension(this.#arena, id);
    if (at < 0 || this.#header.extensionLength !== 3) {
      // A repeated packet has the timestamp of when it was sent first.
      if (!isRepair) incoming?.handlePicture(ssrc, timestamp, length, nowMs, ageMicros);
      return;
    }
    const bytes = this.#arena;
    const sendTime = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    incoming?.handlePacket(sendTime, length, nowMs, ageMicros);
  }

  #inspectAudio(endpoint: SourceOwner, stream: IncomingStream, nowMs: number): boolean {
    if (endpoint.isAudioForceMuted) {
      this.#counters.rtpForceMuted++;
      return false;
    }
    const packet = this.#packet;
    packet.audioLevel = -1;
    packet.isForAll = true;
    packet.isAmongLoudest = true;
    const id = endpoint.payloads.audioLevelId;
    if (id !== 0) {
      const at = this.#header.findExtension(this.#arena, id);
      if (at >= 0) packet.audioLevel = this.#arena[at]!;
    }
    if (packet.audioLevel < 0) return true;
    const level = packet.audioLevel & 0x7f; // the upper bit says "voice"
    const { loudest, loudestInSlots, recentSpeakers, speakers } = endpoint.conference;
    speakers.handleLevel(endpoint.id, level, nowMs);
    if (endpoint.conference.isRewritten) {
      packet.isAmongLoudest =
        level === SILENCE_LEVEL
          ? loudestInSlots.has(endpoint.id)
          : loudestInSlots.admits(endpoint.id, level, nowMs);
    }
    if (level !== SILENCE_LEVEL) {
      stream.silentRun = 0;
      const isHeard = loudest.admits(endpoint.id, level, nowMs);
      packet.isForAll = isHeard || recentSpeakers[0] === endpoint.id;
      if (packet.isForAll || stream.source.namedBy > 0) return true;
      this.#counters.rtpNotLoudest++;
      return false;
    }
    if (++stream.silentRun <= MAX_SILENT_RUN) return true;
    this.#counters.rtpSilence++;
    return false;
  }

  #inspectVideo(
    endpoint: SourceOwner,
    stream: IncomingStream,
    extendedSeq: number,
    nowMs: number,
  ): boolean {
    const packet = this.#packet;
    if (endpoint.isVideoForceMuted) {
      this.#counters.rtpForceMuted++;
      return false;
    }
    if (packet.payloadLength === 0) {
      this.#counters.rtpPadding++;
      return false;
    }
    // VP9 always tells its layers itself.
    if (packet.kind !== PayloadKind.vp9) this.#findDependencies(endpoint);
    if (!this.#reader.read(packet, stream, nowMs)) {
      this.#counters.rtpBadDescriptor++;
      return false;
    }
    const { isKeyFrameStart } = this.#reader;
    if (isKeyFrameStart) this.#keyframes.keyframeArrived(stream.source);
    packet.isSwitchPoint = isKeyFrameStart && stream.highestSeq - extendedSeq <= MAX_LATE_KEYFRAME;
    return true;
  }

  /** The header extension that tells layers. */
  #findDependencies({ payloads }: SourceOwner): void {
    const id = payloads.dependencyDescriptorId;
    const at = id === 0 ? -1 : this.#header.findExtension(this.#arena, id);
    const { extensionLength } = this.#header;
    if (at < 0 || extensionLength > 255) return;
    const offset = at - this.#packet.slot * SLOT_SIZE;
    this.#packet.extension = (id << 28) | (offset << 8) | extensionLength;
  }
}
