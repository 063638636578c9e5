/** The presence of the focus in its room, from which clients read the state of the conference. */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';

export interface ConferencePresence {
  readonly from: string;
  /** `room@muc/focus` */
  readonly to: string;
  /** True for the first presence, which asks to join. */
  readonly isJoin: boolean;
  readonly version: string;
  readonly bridgeCount: number;
  readonly audioLimitReached: boolean;
  readonly videoLimitReached: boolean;
  /** Undefined: this server has no visitors. */
  readonly visitorCount: number | undefined;
  /** Clients that see this reload. */
  readonly bridgeNotAvailable: boolean;
}

export function conferencePresenceToXml(presence: ConferencePresence): XmlElement {
  const properties = {
    // COMPAT: clients of 2021 end sessions for a restart only if they read this.
    'support-terminate-restart': true,
    'bridge-count': presence.bridgeCount,
    'audio-limit-reached': presence.audioLimitReached,
    'video-limit-reached': presence.videoLimitReached,
    ...(presence.visitorCount !== undefined && {
      'visitors-enabled': true,
      'visitor-count': presence.visitorCount,
    }),
  };
  return xml(
    'presence',
    NS.client,
    { from: presence.from, to: presence.to },
    presence.isJoin ? xml('x', NS.muc) : undefined,
    xml(
      'versions',
      NS.jitmeet,
      {},
      xml('component', NS.jitmeet, { name: 'focus' }, presence.version),
    ),
    xml(
      'conference-properties',
      NS.focus,
      {},
      ...Object.entries(properties).map(([key, value]) =>
        xml('property', NS.focus, { key, value: String(value) }),
      ),
    ),
    presence.bridgeNotAvailable ? xml('bridgeNotAvailable', NS.focus) : undefined,
  );
}
