/** The session-initiate that invites a participant to its endpoint on the bridge. */
import type { IceTransport, MediaDescription, MediaType } from '@conclave/protocols/colibri';
import {
  type Jingle,
  type JingleContent,
  type OwnedSources,
  sourceDescription,
} from '@conclave/protocols/jingle';
import type { FocusOptions } from '../options.ts';
import { SEND_TIME_URI, TRANSPORT_CC_URI } from './codecs.ts';
import { FEATURE } from './features.ts';

/** RFC 8841 §5: always this one. */
const SCTP_PORT = 5000;

/** What is negotiated with a client of these features, towards the client and the bridge alike. */
export function offeredMedia(
  options: Pick<FocusOptions, 'codecs' | 'headerExtensions'>,
  features: ReadonlySet<string>,
): MediaDescription[] {
  const media: MediaDescription[] = [];
  if (features.has(FEATURE.audio)) media.push(describe('audio', options, features));
  if (features.has(FEATURE.video)) media.push(describe('video', options, features));
  return media;
}

/** What anybody may have negotiated with us, as far as it matters to bridges that only pass it on. */
export function relayMedia(
  options: Pick<FocusOptions, 'codecs' | 'headerExtensions'>,
): MediaDescription[] {
  const features = new Set<string>([FEATURE.audio, FEATURE.video, FEATURE.rtx]);
  for (const { feature } of options.codecs) if (feature !== undefined) features.add(feature);
  return offeredMedia(options, features);
}

function describe(
  type: MediaType,
  options: Pick<FocusOptions, 'codecs' | 'headerExtensions'>,
  features: ReadonlySet<string>,
): MediaDescription {
  // One way of congestion control, the better one.
  const hasTransportCc = features.has(FEATURE.transportCc);
  const hasRemb = !hasTransportCc && features.has(FEATURE.remb);
  const isOffered: Readonly<Record<string, boolean>> = {
    'transport-cc': hasTransportCc,
    [TRANSPORT_CC_URI]: hasTransportCc,
    'goog-remb': hasRemb,
    [SEND_TIME_URI]: hasRemb,
  };
  const codecs = options.codecs.filter(
    ({ media, feature }) => media === type && (feature === undefined || features.has(feature)),
  );
  const primary = codecs.map(({ payloadType }) => ({
    ...payloadType,
    rtcpFeedback: payloadType.rtcpFeedback.filter((feedback) => isOffered[feedback.type] ?? true),
  }));
  const rtx = codecs.flatMap(({ payloadType, rtxId }) =>
    rtxId === undefined || !features.has(FEATURE.rtx)
      ? []
      : [
          {
            id: rtxId,
            name: 'rtx',
            clockRateHz: payloadType.clockRateHz,
            parameters: { apt: String(payloadType.id) },
            rtcpFeedback: [],
          },
        ],
  );
  return {
    type,
    payloadTypes: [...primary, ...rtx],
    headerExtensions: options.headerExtensions
      .filter(({ media, uri }) => media.includes(type) && (isOffered[uri] ?? true))
      .map(({ id, uri }) => ({ id, uri })),
  };
}

/**
 * The bridge's own sources. They hold the two m-lines on which the client sends: without them the
 * first remote participant's would, and its leaving would close the client's microphone.
 */
export function mixedSources(audioSsrc: number, videoSsrc: number): OwnedSources {
  return {
    owner: 'jvb',
    sources: [
      {
        type: 'audio',
        ssrc: audioSsrc,
        name: 'jvb-a0',
        msid: 'mixedmslabel mixedlabelaudio0',
      },
      {
        type: 'video',
        ssrc: videoSsrc,
        name: 'jvb-v0',
        msid: 'mixedmslabel mixedlabelvideo0',
      },
    ],
    groups: [],
  };
}

export interface OfferParts {
  readonly sid: string;
  readonly initiator: string;
  readonly responder: string;
  readonly bridgeSessionId: string;
  readonly region: string | undefined;
  readonly media: readonly MediaDescription[];
  /** Of the bridge; repeated in every content, as all are bundled. */
  readonly transport: IceTransport;
  /** The bridge channel is an SCTP data channel, no WebSocket. */
  readonly hasDataChannel: boolean;
  /** The mixed sources first. */
  readonly sources: readonly OwnedSources[];
  readonly asJson: boolean;
  readonly startMuted: { readonly audio: boolean; readonly video: boolean };
}

export function buildOffer(parts: OfferParts): Jingle {
  const { sid, initiator, responder, media, sources, asJson, startMuted } = parts;
  // With both, clients before 2022 take the WebSocket, newer ones the data channel: one, so that it is known which.
  const { webSocketUrl, ...bare } = parts.transport;
  const transport: IceTransport = parts.hasDataChannel ? bare : parts.transport;
  const contents = media.map((description): JingleContent => {
    const { type } = description;
    return {
      // The JSON form puts sources into the contents with exactly these names.
      name: type,
      creator: 'initiator',
      // Without senders the client writes no direction into its SDP.
      senders: 'both',
      description: {
        ...sourceDescription(type, asJson ? [] : sources),
        payloadTypes: description.payloadTypes,
        headerExtensions: description.headerExtensions,
        rtcpMux: true,
        extmapAllowMixed: true,
      },
      transport,
    };
  });
  if (parts.hasDataChannel) {
    contents.push({
      // Clients look for exactly this name.
      name: 'data',
      creator: 'initiator',
      senders: 'both',
      transport: { ...transport, sctpPort: SCTP_PORT },
    });
  }
  const offered = new Set(media.map(({ type }) => type));
  return {
    action: 'session-initiate',
    sid,
    initiator,
    responder,
    contents,
    bundle: contents.map(({ name }) => name),
    bridgeSession: {
      id: parts.bridgeSessionId,
      ...(parts.region !== undefined && { region: parts.region }),
    },
    ...((startMuted.audio || startMuted.video) && { startMuted }),
    // Sources of media that are not offered would make the client add a content without transport.
    ...(asJson && {
      jsonSources: sources.map(({ owner, sources: all, groups }) => ({
        owner,
        sources: all.filter(({ type }) => offered.has(type)),
        groups: groups.filter(({ type }) => offered.has(type)),
      })),
    }),
  };
}
