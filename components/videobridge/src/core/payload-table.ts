/** What one endpoint negotiated: payload types, RTX pairs, header extension ids, key frame feedback. */

import type { HeaderExtension, MediaDescription } from '@conclave/protocols/colibri';
import {
  ABSOLUTE_SEND_TIME_URI,
  PayloadKind,
  type PayloadKindValue,
  payloadKindOf,
} from '@conclave/protocols/rtp';
import type { BandwidthFeedback } from './bandwidth/receiver-bandwidth.ts';

const AUDIO_LEVEL_URI = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';
const TRANSPORT_CC_URI =
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';

const MID_URI = 'urn:ietf:params:rtp-hdrext:sdes:mid';
const DEPENDENCY_DESCRIPTOR_URI =
  'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension';

export class PayloadTable {
  /** By payload type. */
  readonly #kinds = new Uint8Array(128);
  readonly #originalOf = new Int16Array(128).fill(-1);
  readonly #rtxOf = new Int16Array(128).fill(-1);
  /** Header extension ids, 0 when not negotiated. */
  readonly audioLevelId: number;
  readonly audioTransportCcId: number;
  readonly videoTransportCcId: number;
  readonly dependencyDescriptorId: number;
  readonly sendTimeId: number;
  readonly audioMidId: number;
  readonly videoMidId: number;
  readonly hasPli: boolean;
  readonly hasRtx: boolean;
  /** Video bandwidth is told by REMB, not by transport-wide feedback. */
  readonly hasRemb: boolean;
  /** The type of padding on the bridge's own SSRC: the first of video; -1 when there is none. */
  readonly paddingType: number;

  constructor(media: readonly MediaDescription[]) {
    let hasPli = false;
    let hasRtx = false;
    let hasRemb = false;
    let paddingType = -1;
    for (const { type, payloadTypes } of media) {
      for (const { id, name, parameters, rtcpFeedback } of payloadTypes) {
        if (!Number.isInteger(id) || id < 0 || id > 127) continue;
        this.#kinds[id] = payloadKindOf(type, name);
        hasPli ||= rtcpFeedback.some((fb) => fb.type === 'nack' && fb.subtype === 'pli');
        hasRemb ||= type === 'video' && rtcpFeedback.some((fb) => fb.type === 'goog-remb');
        const kind = this.#kinds[id];
        if (type === 'video' && kind !== PayloadKind.rtx && paddingType < 0) paddingType = id;
        const original = Number(parameters.apt ?? Number.NaN);
        if (kind === PayloadKind.rtx && original >= 0 && original < 128) {
          this.#originalOf[id] = original;
          this.#rtxOf[original] = id;
          hasRtx = true;
        }
      }
    }
    const extensions = (type: string): readonly HeaderExtension[] =>
      media.find((description) => description.type === type)?.headerExtensions ?? [];
    this.audioLevelId = extensionId(extensions('audio'), AUDIO_LEVEL_URI);
    this.audioTransportCcId = extensionId(extensions('audio'), TRANSPORT_CC_URI);
    this.videoTransportCcId = extensionId(extensions('video'), TRANSPORT_CC_URI);
    this.dependencyDescriptorId = extensionId(extensions('video'), DEPENDENCY_DESCRIPTOR_URI);
    this.sendTimeId = extensionId(extensions('video'), ABSOLUTE_SEND_TIME_URI);
    this.audioMidId = extensionId(extensions('audio'), MID_URI);
    this.videoMidId = extensionId(extensions('video'), MID_URI);
    this.hasRemb = hasRemb && this.videoTransportCcId === 0;
    this.hasPli = hasPli;
    this.hasRtx = hasRtx;
    this.paddingType = paddingType;
  }

  /** How a receiver of video tells what its network carries. */
  get bandwidthFeedback(): BandwidthFeedback {
    if (this.hasRemb) return 'remb';
    return this.videoTransportCcId > 0 && this.hasRtx ? 'transportCc' : 'none';
  }

  kind(payloadType: number): PayloadKindValue {
    return (this.#kinds[payloadType] ?? 0) as PayloadKindValue;
  }

  /** The type that RTX type `payloadType` repairs, or -1. */
  originalOf(payloadType: number): number {
    return this.#originalOf[payloadType] ?? -1;
  }

  /** The RTX type that repairs `payloadType`, or -1. */
  rtxOf(payloadType: number): number {
    return this.#rtxOf[payloadType] ?? -1;
  }
}

function extensionId(extensions: readonly HeaderExtension[], uri: string): number {
  const id = extensions.find((extension) => extension.uri === uri)?.id ?? 0;
  return id >= 1 && id <= 14 ? id : 0;
}
