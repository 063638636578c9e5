/** `IceRenewal` of one Jingle session with the focus: what is asked and told (Jitsi's `ice-restart`, XEP-0176's `transport-info`). */
import type { Logger, Timers } from '@conclave/base';
import { type Jingle, jingleToXml } from '@conclave/protocols/jingle';
import type { XmlElement } from '@conclave/protocols/xml';
import { IceRenewal } from './ice-renewal.ts';
import type { MediaSession } from './media-session.ts';

export interface RenewalDependencies {
  readonly platform: { readonly timers: Timers; readonly logger: Logger };
  /** Sends a Jingle request to the focus; rejects with a RequestError. */
  requestFocus(payload: XmlElement): Promise<unknown>;
  checkSignalling(): Promise<unknown>;
}

export function sessionRenewal(
  { sid, initiator, bridgeSession }: Jingle,
  session: MediaSession,
  { platform, requestFocus, checkSignalling }: RenewalDependencies,
): IceRenewal {
  const about = { sid, ...(initiator !== undefined && { initiator }), bundle: [] };
  return new IceRenewal(platform.timers, {
    checkSignalling,
    ask: () =>
      requestFocus(
        jingleToXml({
          ...about,
          action: 'session-info',
          contents: [],
          ...(bridgeSession && { bridgeSession: { ...bridgeSession, iceRestart: true } }),
        }),
      ),
    take: (transport) => session.renewIce(transport),
    tell: (transport) =>
      requestFocus(
        jingleToXml({
          ...about,
          action: 'transport-info',
          contents: [{ name: 'audio', creator: 'responder', transport }],
        }),
      ),
    onFailed: (error) => platform.logger.warn('ice.renewal.failed', { reason: String(error) }),
  });
}
