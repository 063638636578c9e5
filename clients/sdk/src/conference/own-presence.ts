/** Our presence in the room: every update repeats all of it (XEP-0045 §7.7, XEP-0172, and Jitsi's elements). */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';

export interface OwnPresence {
  readonly endpointId: string;
  readonly displayName: string;
  readonly audioMuted: boolean;
  readonly videoMuted: boolean;
  /** Undefined when there never was one. */
  readonly sharesScreen: boolean | undefined;
  /** Unix time in ms since when, 0 for a hand that is down. */
  readonly handRaisedMs: number;
  /** Codecs we can send and receive, preferred first, in lower case. */
  readonly videoCodecs: readonly string[];
}

/** @param caps our entity capabilities */
export function presencePayload(own: OwnPresence, caps: XmlElement): XmlElement[] {
  const { endpointId, displayName, audioMuted, videoMuted, sharesScreen, handRaisedMs } = own;
  const sourceInfo = {
    [`${endpointId}-a0`]: { muted: audioMuted },
    [`${endpointId}-v0`]: { muted: videoMuted },
    // With rewritten SSRCs nothing else tells Jitsi's clients that a screen is gone.
    ...(sharesScreen !== undefined && {
      [`${endpointId}-v1`]: { muted: !sharesScreen, videoType: 'desktop' },
    }),
  };
  const text = (name: string, value: string) => xml(name, NS.client, undefined, value);
  return [
    caps,
    text('SourceInfo', JSON.stringify(sourceInfo)),
    text('audiomuted', String(audioMuted)),
    text('videomuted', String(videoMuted)),
    text('videoType', 'camera'),
    text('jitsi_participant_codecList', own.videoCodecs.join(',')),
    ...(displayName === '' ? [] : [xml('nick', NS.nick, undefined, displayName)]),
    ...(handRaisedMs > 0 ? [text('jitsi_participant_raisedHand', String(handRaisedMs))] : []),
  ];
}

export function joinPresence(
  occupantJid: string,
  own: OwnPresence,
  caps: XmlElement,
  password: string | undefined,
): XmlElement {
  const secret = password === undefined ? undefined : xml('password', NS.muc, undefined, password);
  return xml(
    'presence',
    NS.client,
    { to: occupantJid },
    xml('x', NS.muc, undefined, secret),
    ...presencePayload(own, caps),
  );
}

export function presenceUpdate(
  occupantJid: string,
  own: OwnPresence,
  caps: XmlElement,
): XmlElement {
  return xml('presence', NS.client, { to: occupantJid }, ...presencePayload(own, caps));
}
