/**
 * What the bridge knows of one SSRC that an endpoint sends: which packets came, how fast, what is
 * missing. An RTX SSRC has no stream of its own: its packets are those of its primary.
 */
import { extendSeq, seqDiff } from '@conclave/base';
import { NackRequester, ReceiverReportState } from '@conclave/protocols/rtcp';
import type { DependencyStructure } from '@conclave/protocols/rtp';
import { PictureRates } from './picture-rates.ts';
import { RateMeter } from './rate-meter.ts';
import { RECEIVED_WINDOW, ReceivedNumbers } from './received-numbers.ts';
import type { RetransmissionCache } from './retransmission-cache.ts';
import { SequenceMap } from './sequence-map.ts';
import type { Source } from './source.ts';
import { TemporalRates } from './temporal-rates.ts';

/** What was lost before it came to the other bridge is on its way again by then: what is missing still was lost between bridges. */
const REMOTE_NACK_DELAY_MS = 50;
/** A jump ahead of more than this is a restart, not loss (RFC 3550 A.1, MAX_DROPOUT). */
const MAX_DROPOUT = 3000;

export class IncomingStream {
  readonly source: Source;
  /** Unsigned. */
  readonly ssrc: number;
  /** Unsigned; undefined when the source is signalled without RTX. */
  readonly rtxSsrc: number | undefined;
  /** Position in the simulcast group, lowest resolution first. */
  readonly index: number;
  /** Nothing of it has come for a while: layer choice leaves it out. */
  isActive = false;
  lastPacketMs = Number.NEGATIVE_INFINITY;
  /** For so long others of its source came, and nothing of it. */
  silentMs = 0;
  #countedMs = Number.NEGATIVE_INFINITY;
  /** When a sender report about it went on to receivers. */
  lastReportMs = Number.NEGATIVE_INFINITY;
  /** Pixels, as its last key frame said; 0 until then. */
  pictureHeight = 0;
  /** When somebody last got a packet of it, or waited for its key frame. */
  lastWantedMs = Number.NEGATIVE_INFINITY;
  /** Changes when the sender starts its numbers anew; what came before belongs to another picture. */
  epoch = 0;
  /** Silent audio packets in a row (RFC 6464 level 127). */
  silentRun = 0;
  readonly reports: ReceiverReportState;
  /** Of video: asks its sender, or the bridge that its sender is on. */
  readonly nack: NackRequester | undefined;
  /** Video only; made by the first packet. */
  cache: RetransmissionCache | undefined;
  readonly rate = new RateMeter();
  /** Only while somebody limits how many pictures they get. */
  pictureRates: PictureRates | undefined;
  /** By spatial layer; the first counts everything of codecs without. */
  readonly #baseRates = new TemporalRates();
  readonly layerRates: TemporalRates[] = [this.#baseRates];
  /** Frames of a spatial layer refer to the one below in every picture, not only in key pictures. */
  isLayered = false;
  /** What the dependency descriptors of AV1 and H.264 refer to; brought by key frames. */
  dependencies: DependencyStructure | undefined;
  /** Pixels by spatial layer, as the last key frame said; empty until then, and without spatial layers. */
  layerHeights: readonly number[] = [];
  /** The highest spatial layer that the last key frame told of. */
  topSpatialId = 0;
  /** The highest closed-up number so far; -1 before the first. */
  newestSeq = -1;
  readonly #sequenceMap = new SequenceMap();
  /** Since the sender began, or began anew. */
  #received: ReceivedNumbers | undefined;
  #expectedAfterJump = -1;

  constructor(source: Source, ssrc: number, rtxSsrc: number | undefined, index: number) {
    this.source = source;
    this.ssrc = ssrc >>> 0;
    this.rtxSsrc = rtxSsrc === undefined ? undefined : rtxSsrc >>> 0;
    this.index = index;
    const isVideo = source.type === 'video';
    this.reports = new ReceiverReportState(this.ssrc, isVideo ? 90_000 : 48_000);
    if (!isVideo) this.nack = undefined;
    else
      this.nack = new NackRequester({ delayMs: source.owner.isRemote ? REMOTE_NACK_DELAY_MS : 0 });
  }

  /** Highest extended sequence number so far, not closed up. */
  get highestSeq(): number {
    return this.#received?.highest ?? 0;
  }

  /** Packets of its source came during so many more ms; of this encoding perhaps none. */
  countSilence(ms: number): void {
    if (this.lastPacketMs > this.#countedMs) this.silentMs = 0;
    else this.silentMs += ms;
    this.#countedMs = this.lastPacketMs;
  }

  /**
   * Takes note of `seq` and extends it. NaN for what must not be forwarded: a duplicate, a packet
   * too late to tell, or the first one after a jump (RFC 3550 A.1 wants two in a row).
   */
  accept(seq: number, isRepair: boolean): number {
    if (this.#received === undefined) {
      if (isRepair) return Number.NaN;
      this.#received = new ReceivedNumbers(seq);
      return seq;
    }
    const { highest } = this.#received;
    const distance = seqDiff(seq, highest & 0xffff);
    if (distance > MAX_DROPOUT || distance <= -RECEIVED_WINDOW) {
      if (isRepair) return Number.NaN;
      if (seq !== this.#expectedAfterJump) {
        this.#expectedAfterJump = (seq + 1) & 0xffff;
        return Number.NaN;
      }
      this.epoch++;
      this.nack?.reset();
      this.#expectedAfterJump = -1;
      // Above everything numbered before, so that no closed-up number is ever used twice.
      const first = extendSeq(seq, highest + 2 * 65_536);
      this.#received = new ReceivedNumbers(first);
      return first;
    }
    if (!isRepair) this.#expectedAfterJump = -1;
    const extended = extendSeq(seq, highest);
    return this.#received.add(extended) ? extended : Number.NaN;
  }

  /** A key frame says how high the picture is. Layers are chosen anew when that changes. */
  pictureHeightIs(height: number, nowMs: number): void {
    if (height === this.pictureHeight) return;
    this.pictureHeight = height;
    this.source.owner.conference.requestAllocation(nowMs);
  }

  /** A key frame says what spatial layers there are; heights are 0 when it does not say. */
  spatialLayersAre(count: number, heights: ArrayLike<number>, nowMs: number): void {
    this.topSpatialId = count - 1;
    const isSame =
      this.layerHeights.length === count &&
      this.layerHeights.every((height, layer) => height === (heights[layer] ?? 0));
    if (isSame) return;
    this.layerHeights = Array.from({ length: count }, (_, layer) => heights[layer] ?? 0);
    this.source.owner.conference.requestAllocation(nowMs);
  }

  /** Counts a packet for the choice of layers. */
  addLayerBytes(spatialId: number, temporalId: number, bytes: number, nowMs: number): void {
    if (spatialId === 0) {
      this.#baseRates.add(temporalId, bytes, nowMs);
      return;
    }
    for (let missing = this.layerRates.length; missing <= spatialId; missing++) {
      this.layerRates.push(new TemporalRates());
    }
    // Layers are chosen anew when one appears, at first or again.
    const rates = this.layerRates[spatialId]!;
    const isNew = rates.bitrateBps(temporalId, nowMs) === 0;
    rates.add(temporalId, bytes, nowMs);
    if (isNew) this.source.owner.conference.requestAllocation(nowMs);
  }

  /** Counts a picture of a temporal layer, for receivers that limit how many they get. */
  addPicture(temporalId: number, nowMs: number): void {
    this.pictureRates ??= new PictureRates();
    if (this.pictureRates.add(temporalId, nowMs)) {
      this.source.owner.conference.requestAllocation(nowMs);
    }
  }

  /** The closed-up number of an accepted packet, or NaN when it was left out or is too old. */
  closeUp(extendedSeq: number): number {
    const seq = this.#sequenceMap.map(extendedSeq);
    if (seq > this.newestSeq) this.newestSeq = seq;
    return seq;
  }

  /**
   * Leaves an accepted packet out on purpose. Receivers will not see a gap, unless the packet came
   * late: then its number was passed over already.
   */
  leaveOut(extendedSeq: number): void {
    if (extendedSeq === this.highestSeq) this.#sequenceMap.drop(extendedSeq);
  }
}
