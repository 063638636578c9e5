/** From the server's settings, the browser and the person to what a connection and a conference are made with. */
import {
  type ConferenceOptions,
  type ConnectionOptions,
  type Credentials,
  mediaTraitsOf,
  normaliseRoomName,
} from '@conclave/sdk';
import type { WebConfig } from '../config/read-config.ts';

/** What others may send us: what this browser decodes, by the names that Jitsi's clients use. */
function videoCodecs(): string[] {
  const { codecs = [] } = globalThis.RTCRtpReceiver?.getCapabilities?.('video') ?? {};
  const names = new Set(codecs.map(({ mimeType }) => mimeType.replace('video/', '').toLowerCase()));
  return ['av1', 'vp9', 'vp8', 'h264'].filter((name) => name === 'vp8' || names.has(name));
}

/** People without an account or a token connect where guests do. */
export function connectionOptions(
  { serviceUrl, domain, guestDomain, hasToken }: WebConfig,
  roomName: string,
  credentials: Credentials | undefined,
): ConnectionOptions {
  const isKnown = hasToken || credentials !== undefined;
  return {
    serviceUrl,
    domain: isKnown ? domain : (guestDomain ?? domain),
    room: normaliseRoomName(roomName),
    ...(credentials !== undefined && { credentials }),
  };
}

export function conferenceOptions(
  { domain, mucDomain, focusAddress, ssrcRewriting }: WebConfig,
  userAgent: string,
  visit: Pick<
    ConferenceOptions,
    'roomName' | 'breakoutJid' | 'isReturning' | 'session' | 'displayName'
  >,
): ConferenceOptions {
  return {
    ...visit,
    domain,
    mucDomain,
    focusAddress,
    videoCodecs: videoCodecs(),
    ssrcRewriting,
    traits: mediaTraitsOf(userAgent),
  };
}
