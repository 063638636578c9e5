/** The codecs and header extensions of the focus' offer, medium by medium (XEP-0167 §4, XEP-0293, XEP-0294). */
import type { MediaDescription } from '@conclave/protocols/colibri';
import type { Jingle } from '@conclave/protocols/jingle';

/** Feedback that is meant for all payload types is put to each. */
export function offeredMedia(offer: Jingle): MediaDescription[] {
  return offer.contents.flatMap(({ description }) => {
    if (description === undefined) return [];
    const { media, payloadTypes, headerExtensions, rtcpFeedback } = description;
    return [
      {
        type: media,
        headerExtensions,
        payloadTypes: payloadTypes.map((payloadType) => ({
          ...payloadType,
          rtcpFeedback: [...payloadType.rtcpFeedback, ...rtcpFeedback],
        })),
      },
    ];
  });
}
