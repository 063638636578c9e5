/** One endpoint of a conference on this bridge: state only. What happens with it is in the files it is given to. */
import { type RandomSource, TokenBucket } from '@conclave/base';
import type { MediaDescription } from '@conclave/protocols/colibri';
import { TransportCcRecorder } from '@conclave/protocols/rtcp';
import { absoluteSendTime } from '@conclave/protocols/rtp';
import { DEFAULT_SSRC_SLOTS, type VideobridgeOptions } from '../options.ts';
import type { AudioForward } from './audio-forward.ts';
import { AudioSubscription } from './audio-subscription.ts';
import { IncomingEstimate } from './bandwidth/incoming-estimate.ts';
import { ReceiverBandwidth } from './bandwidth/receiver-bandwidth.ts';
import { type SentLog, UnreadSends } from './bandwidth/sent-log.ts';
import type { Conference } from './conference.ts';
import {
  EndpointTransport,
  type EndpointTransportEvents,
  type TransportContext,
} from './endpoint-transport.ts';
import type { EventTotals } from './event-totals.ts';
import { createOwnFanOut } from './fan-out.ts';
import type { IncomingStream } from './incoming-stream.ts';
import { OutgoingStream } from './outgoing-stream.ts';
import type { PayloadTables } from './payload-tables.ts';
import type { VideoProjection } from './projection/video-projection.ts';
import { ReceiverConstraints } from './receiver-constraints.ts';
import type { SctpChannel } from './sctp-channel.ts';
import { SendPacing } from './send-pacing.ts';
import { extensionWord16, extensionWord24 } from './send-pipeline.ts';
import { SourceOwner } from './source-owner.ts';
import { SsrcSlots, slotMids } from './ssrc-slots.ts';

/** libwebrtc's shortest: with 100 ms Chromium mostly took longer for the key frame of another layer. */
const FEEDBACK_INTERVAL_MS = 50;
/** With each frame, as long as packets are missing or late. */
const DISTURBED_FEEDBACK_INTERVAL_MS = 20;
/** SSRCs that one receiver may ever be sent under one set of keys; see `OutgoingStream`. */
const MAX_OUTGOING_STREAMS = 16_384;
/** SSRCs that it may add to its sources per second and at once: others remember each of them. */
const NEW_SSRCS_PER_SECOND = 2;
const NEW_SSRC_BURST = 400;
/** Retransmissions to one receiver, packets per second and at once. */
const RETRANSMISSIONS_PER_SECOND = 1000;
const RETRANSMISSION_BURST = 500;
/** RTCP packets per second and at once, counted within compound ones: far above what a browser sends in the worst of networks. */
const FEEDBACK_PER_SECOND = 1000;
const FEEDBACK_BURST = 2000;
/** Messages on the bridge channel per second and at once. */
const CHANNEL_MESSAGES_PER_SECOND = 50;
const CHANNEL_MESSAGE_BURST = 200;

/** SSRCs of ours that this receiver is sent. */
export interface EndpointSlots {
  readonly audio: SsrcSlots<AudioForward>;
  readonly video: SsrcSlots<VideoProjection>;
}

/** What it needs of the bridge. */
export interface EndpointContext extends TransportContext {
  readonly payloadTables: PayloadTables;
  readonly sentLog: SentLog;
  readonly totals: EventTotals;
}

export interface EndpointOptions {
  readonly id: string;
  readonly statsId: string;
  readonly media: readonly MediaDescription[];
  readonly initialLastN: number;
  /** It is sent everything under SSRCs of ours, a limited number. */
  readonly ssrcRewriting: boolean;
  /** With it: what it is sent says by the MID which line of its session description it is for. */
  readonly midDemux: boolean;
  readonly isVisitor: boolean;
  /** 24 random characters: admits a bridge channel, for the endpoint's whole life. */
  readonly channelPassword: string;
}

export class Endpoint extends SourceOwner {
  readonly isRemote = false;
  readonly statsId: string;
  /** It looks on: others are told nothing of it. */
  readonly isVisitor: boolean;
  readonly transport: EndpointTransport;
  readonly channelPassword: string;
  readonly constraints: ReceiverConstraints;
  readonly createdMs: number;
  lastActivityMs: number;

  // As a sender.
  readonly incompleteStreams = new Set<IncomingStream>();
  readonly transportCc: TransportCcRecorder;
  /** Of its uplink, when it wants to be told. */
  readonly incoming: IncomingEstimate | undefined;
  nextReportMs: number;
  readonly newSsrcs: TokenBucket;

  // As a receiver.
  readonly audioForwards: AudioForward[] = [];
  readonly audioSubscription = new AudioSubscription();
  /** Of each video that it wants or did lately, by the source's SSRC, signed. */
  readonly projectionsBySsrc = new Map<number, VideoProjection>();
  /** Those that it wants now, whether or not there is bandwidth for them. */
  readonly wanted: VideoProjection[] = [];
  /** The others. */
  readonly resting: VideoProjection[] = [];
  readonly outgoingBySsrc = new Map<number, OutgoingStream>();
  /** In rewriting mode only. */
  readonly ssrcSlots: EndpointSlots | undefined;
  readonly bandwidth: ReceiverBandwidth;
  /** Its network is the bottleneck: video leaves when `pacing` lets it. Kept by `BandwidthWatch`. */
  isPaced = false;
  readonly pacing = new SendPacing<VideoProjection>();
  readonly #sends: UnreadSends;
  readonly #random: RandomSource;
  readonly #failed: (reason: string) => void;
  #nextTransportSeq = 1;
  /** Smoothed, from receiver reports; undefined before the first. */
  rttMs: number | undefined;
  readonly retransmissions: TokenBucket;
  /** What it may still tell and ask us by RTCP. */
  readonly feedback: TokenBucket;

  // Bridge channel.
  channelId: number | undefined;
  /** When the client may open the bridge channel as a data channel. */
  sctp: SctpChannel | undefined;
  readonly channelMessages: TokenBucket;
  /** What it may make us tell others; see `fan-out.ts`. */
  readonly fanOut: TokenBucket;
  /** As last sent in `ForwardedSources`; undefined before. */
  forwardedSources: readonly string[] | undefined;

  constructor(
    context: EndpointContext,
    conference: Conference,
    options: EndpointOptions,
    events: EndpointTransportEvents,
    nowMs: number,
  ) {
    super(options.id, conference, context.payloadTables.of(options.media));
    this.#random = context.random;
    this.#failed = (reason) => events.failed(reason);
    this.statsId = options.statsId;
    this.isVisitor = options.isVisitor;
    this.channelPassword = options.channelPassword;
    this.constraints = new ReceiverConstraints(options.initialLastN);
    this.ssrcSlots = options.ssrcRewriting
      ? this.#createSlots(context.options, options.midDemux)
      : undefined;
    this.createdMs = nowMs;
    context.totals.endpointsCreated++;
    this.lastActivityMs = nowMs;
    this.nextReportMs = nowMs;
    this.#sends = new UnreadSends(context.sentLog);
    this.bandwidth = new ReceiverBandwidth(
      context.options.trustBandwidthEstimate === false ? 'none' : this.payloads.bandwidthFeedback,
      this.#sends,
    );
    this.incoming = this.payloads.hasRemb ? new IncomingEstimate() : undefined;
    this.transportCc = new TransportCcRecorder({
      senderSsrc: conference.feedbackVideoSsrc,
      intervalMs: FEEDBACK_INTERVAL_MS,
      frameEndIntervalMs: DISTURBED_FEEDBACK_INTERVAL_MS,
      capacity: 1024,
    });
    this.retransmissions = new TokenBucket(RETRANSMISSIONS_PER_SECOND, RETRANSMISSION_BURST, nowMs);
    this.newSsrcs = new TokenBucket(NEW_SSRCS_PER_SECOND, NEW_SSRC_BURST, nowMs);
    this.feedback = new TokenBucket(FEEDBACK_PER_SECOND, FEEDBACK_BURST, nowMs);
    this.channelMessages = new TokenBucket(
      CHANNEL_MESSAGES_PER_SECOND,
      CHANNEL_MESSAGE_BURST,
      nowMs,
    );
    this.fanOut = createOwnFanOut(nowMs);
    this.transport = new EndpointTransport(context, events, nowMs);
  }

  get peer(): number {
    return this.transport.peer;
  }

  /**
   * The next transport-wide sequence number, shared by all packets tagged for congestion control, for a
   * packet of `sizeBytes` that is sent now.
   */
  takeTransportSeq(sizeBytes: number, nowMs: number): number {
    const seq = this.#nextTransportSeq;
    this.#nextTransportSeq = (seq + 1) & 0xffff;
    this.bandwidth.estimator.packetSent(seq, sizeBytes, nowMs);
    return seq;
  }

  /**
   * The header extension by which congestion control knows a packet of `sizeBytes` that is sent now: its transport-wide number, or the
   * time of sending, by the ids that are not 0; 0 for none.
   */
  timingExtension(
    transportCcId: number,
    sendTimeId: number,
    sizeBytes: number,
    nowMs: number,
  ): number {
    if (transportCcId > 0) {
      return extensionWord16(transportCcId, this.takeTransportSeq(sizeBytes, nowMs));
    }
    return sendTimeId > 0 ? extensionWord24(sendTimeId, absoluteSendTime(nowMs)) : 0;
  }

  /**
   * As `takeTransportSeq`, for `count` packets at once, whose sizes are in the log from `sizesAt` on. Returns the first number, the others
   * follow it (modulo 2^16).
   */
  takeTransportSeqs(count: number, sizesAt: number, nowMs: number): number {
    const seq = this.#nextTransportSeq;
    this.#nextTransportSeq = (seq + count) & 0xffff;
    this.#sends.add(seq, count, sizesAt, nowMs);
    return seq;
  }

  /** The video that the receiver sees under this SSRC. */
  projectionSentAs(ssrc: number): VideoProjection | undefined {
    if (this.ssrcSlots !== undefined) return this.ssrcSlots.video.userOf(ssrc);
    return this.projectionsBySsrc.get(ssrc | 0);
  }

  #createSlots({ ssrcSlots }: VideobridgeOptions, hasMids: boolean): EndpointSlots {
    const { audio = DEFAULT_SSRC_SLOTS, video = DEFAULT_SSRC_SLOTS } = ssrcSlots ?? {};
    const { audioMidId, videoMidId } = this.payloads;
    const random = this.#random;
    const createStream = () => this.outgoing(this.conference.unusedSsrc(this));
    return {
      audio: new SsrcSlots(
        { capacity: audio, hasRtx: false, random, ...(hasMids && slotMids('a', audioMidId)) },
        createStream,
      ),
      video: new SsrcSlots(
        { capacity: video, hasRtx: true, random, ...(hasMids && slotMids('v', videoMidId)) },
        createStream,
      ),
    };
  }

  /**
   * The outgoing stream of `ssrc`, the same for the endpoint's whole life. Undefined when there are too many: then nothing is
   * sent, rather than a number used twice, and the endpoint ends, so that it is invited anew and has other keys.
   */
  outgoing(ssrc: number): OutgoingStream | undefined {
    const known = this.outgoingBySsrc.get(ssrc | 0);
    if (known !== undefined) return known;
    if (this.outgoingBySsrc.size >= MAX_OUTGOING_STREAMS) {
      this.#failed('too many SSRCs under one set of keys');
      return undefined;
    }
    const stream = new OutgoingStream(ssrc, this.#random);
    this.outgoingBySsrc.set(ssrc | 0, stream);
    return stream;
  }
}
