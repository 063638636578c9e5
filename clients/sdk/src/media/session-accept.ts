/** Our `session-accept`: what we can do, how to reach us, and the SSRCs of microphone and camera (XEP-0166 §7.2.1). */
import type { Jingle, JingleContent } from '@conclave/protocols/jingle';
import type { LocalAnswer, LocalMedia } from '@conclave/protocols/sdp';

export interface AcceptOptions {
  readonly endpointId: string;
  /** Our full JID. */
  readonly responder: string;
  /** A token that differs between sessions, for the stream ids. */
  readonly streamTag: string;
}

function contentOf(
  media: LocalMedia,
  answer: LocalAnswer,
  { endpointId, streamTag }: AcceptOptions,
): JingleContent {
  const { type, ssrcs, groups, payloadTypes, headerExtensions } = media;
  const name = `${endpointId}-${type === 'audio' ? 'a' : 'v'}0`;
  const msid = `${endpointId}-${type}-0 ${streamTag}-${type}`;
  return {
    name: type,
    creator: 'responder',
    senders: 'both',
    description: {
      media: type,
      payloadTypes,
      headerExtensions,
      rtcpFeedback: [],
      rtcpMux: true,
      extmapAllowMixed: false,
      sources: ssrcs.map((ssrc) => ({
        ssrc,
        name,
        msid,
        ...(type === 'video' && { videoType: 'camera' as const }),
      })),
      groups,
    },
    transport: answer.transport,
  };
}

/** The answer to `offer`. Lines of remote sources are left out: they are the focus' own. */
export function sessionAccept(offer: Jingle, answer: LocalAnswer, options: AcceptOptions): Jingle {
  const contents = (['audio', 'video'] as const).flatMap((type) => {
    const media = answer.media.find((candidate) => candidate.type === type);
    const offered = offer.contents.some(({ description }) => description?.media === type);
    return media === undefined || !offered ? [] : [contentOf(media, answer, options)];
  });
  return {
    action: 'session-accept',
    sid: offer.sid,
    ...(offer.initiator !== undefined && { initiator: offer.initiator }),
    responder: options.responder,
    contents,
    bundle: contents.map(({ name }) => name),
  };
}
