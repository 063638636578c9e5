/**
 * Writes the bridge's own RTCP: receiver reports, transport-cc feedback, NACK, PLI and FIR to
 * senders; sender reports to receivers (RFC 3550 §6.4, RFC 4585, RFC 5104).
 */
import {
  createReportBlock,
  MAX_RTCP_COUNT,
  type NackRequester,
  type ReceiverReportState,
  type ReportBlock,
  type SenderInfo,
  type TransportCcRecorder,
  TransportCcWriter,
  writeFir,
  writeNack,
  writePli,
  writeReceiverReport,
  writeRemb,
  writeSdesCname,
  writeSenderReport,
} from '@conclave/protocols/rtcp';
import type { IncomingEstimate } from './bandwidth/incoming-estimate.ts';
import type { FeedbackTarget } from './feedback-target.ts';
import type { KeyframeSource } from './keyframe-requester.ts';
import type { OutgoingStream } from './outgoing-stream.ts';
import type { PacketPort } from './packet-port.ts';

/** Bytes of one compound packet; below every path's MTU. */
const MAX_RTCP_BYTES = 1200;
/** Numbers in one NACK: its gap limit is 100 anyway. */
const MAX_NACKS = 128;
/** Feedback packets per endpoint and round: a bound, never reached at sane rates. */
const MAX_FEEDBACKS = 8;
const CNAME = 'conclave';

/** An endpoint as a sender of media. */
export interface ReportedSender extends FeedbackTarget {
  readonly streamsBySsrc: ReadonlyMap<number, ReportedStream>;
  readonly incoming: IncomingEstimate | undefined;
  readonly transportCc: TransportCcRecorder;
}

interface ReportedStream {
  readonly ssrc: number;
  readonly source: { readonly type: 'audio' | 'video' };
  readonly reports: ReceiverReportState;
}

/** A stream of which packets may be missing. */
interface IncompleteStream {
  readonly ssrc: number;
  readonly source: { readonly owner: FeedbackTarget };
  readonly nack: NackRequester | undefined;
}

export class RtcpSender {
  readonly #port: Pick<PacketPort, 'sendRtcp'>;
  readonly #out = new Uint8Array(MAX_RTCP_BYTES);
  /** By length, of `#out`. */
  readonly #views: (Uint8Array | undefined)[] = new Array(MAX_RTCP_BYTES + 1).fill(undefined);
  readonly #blocks: ReportBlock[] = Array.from({ length: MAX_RTCP_COUNT }, createReportBlock);
  readonly #seqs = new Uint16Array(MAX_NACKS);
  readonly #transportCc = new TransportCcWriter();
  nacksSent = 0;
  packetsNacked = 0;
  plisSent = 0;
  firsSent = 0;
  rembsSent = 0;

  constructor(port: Pick<PacketPort, 'sendRtcp'>) {
    this.#port = port;
  }

  /**
   * Reports on every stream of the endpoint that had packets since the last report; transport-cc feedback, when that is due
   * too, goes along in the same packet as far as it fits.
   */
  sendReceiverReport(endpoint: ReportedSender, withFeedback: boolean, nowMs: number): void {
    let count = 0;
    for (const stream of endpoint.streamsBySsrc.values()) {
      if (count === MAX_RTCP_COUNT) break;
      if (!stream.reports.hasNews) continue;
      stream.reports.fillReportBlock(this.#blocks[count]!, nowMs);
      count++;
    }
    if (count === 0) return;
    const { incoming } = endpoint;
    const ssrc = endpoint.conference.feedbackVideoSsrc;
    let length = writeReceiverReport(this.#out, 0, ssrc, this.#blocks, count);
    length += writeSdesCname(this.#out, length, ssrc, CNAME);
    if (incoming?.hasNews(nowMs)) {
      this.rembsSent++;
      length += writeRemb(this.#out, length, ssrc, incoming.estimateBps, videoSsrcs(endpoint));
    }
    if (withFeedback) {
      const room = MAX_RTCP_BYTES - length;
      length += endpoint.transportCc.writeFeedback(
        this.#transportCc,
        this.#out,
        length,
        room,
        nowMs,
      );
    }
    this.#send(endpoint, length);
  }

  sendTransportCc(
    endpoint: FeedbackTarget & { readonly transportCc: TransportCcRecorder },
    nowMs: number,
  ): void {
    for (let i = 0; i < MAX_FEEDBACKS; i++) {
      const length = endpoint.transportCc.writeFeedback(
        this.#transportCc,
        this.#out,
        0,
        MAX_RTCP_BYTES,
        nowMs,
      );
      if (length === 0) return;
      this.#send(endpoint, length);
    }
  }

  /** Asks for what is missing and due. */
  sendNack(stream: IncompleteStream, nowMs: number): void {
    const count = stream.nack?.takeDue(nowMs, this.#seqs) ?? 0;
    if (count === 0) return;
    const endpoint = stream.source.owner;
    const ssrc = endpoint.conference.feedbackVideoSsrc;
    const length = writeNack(this.#out, 0, ssrc, stream.ssrc, this.#seqs, count);
    this.nacksSent++;
    this.packetsNacked += count;
    this.#send(endpoint, length);
  }

  /** For `KeyframeRequester`. */
  requestKeyframe(source: KeyframeSource, ssrc: number): void {
    const endpoint = source.owner;
    const senderSsrc = endpoint.conference.feedbackVideoSsrc;
    if (endpoint.payloads.hasPli) {
      this.plisSent++;
      this.#send(endpoint, writePli(this.#out, 0, senderSsrc, ssrc));
    } else {
      this.firsSent++;
      source.keyframes.firSeq = (source.keyframes.firSeq + 1) & 0xff;
      this.#send(endpoint, writeFir(this.#out, 0, senderSsrc, ssrc, source.keyframes.firSeq));
    }
  }

  /** `info` already says what is true for this receiver. */
  sendSenderReport(
    receiver: FeedbackTarget,
    out: OutgoingStream,
    info: SenderInfo,
    cname: string,
  ): void {
    let length = writeSenderReport(this.#out, 0, out.ssrc, info);
    length += writeSdesCname(this.#out, length, out.ssrc, cname);
    this.#send(receiver, length);
  }

  #send(endpoint: FeedbackTarget, length: number): void {
    if (length === 0 || !endpoint.isConnected) return;
    this.#port.sendRtcp(endpoint.peer, this.#written(length));
  }

  /** The first `length` bytes of `#out`: many packets have the same length. */
  #written(length: number): Uint8Array {
    let bytes = this.#views[length];
    if (bytes === undefined) {
      bytes = this.#out.subarray(0, length);
      this.#views[length] = bytes;
    }
    return bytes;
  }
}

/** Of everything that the estimate of an uplink is about. */
function videoSsrcs({ streamsBySsrc }: ReportedSender): number[] {
  const ssrcs: number[] = [];
  for (const { ssrc, source } of streamsBySsrc.values())
    if (source.type === 'video') ssrcs.push(ssrc);
  return ssrcs.slice(0, MAX_RTCP_COUNT);
}
