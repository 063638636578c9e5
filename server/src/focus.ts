/** The focus as the settings want it, and the conference requests that reach it over HTTP. */
import type { AuditLog, Clock, Logger, RandomSource, Timers } from '@conclave/base';
import {
  DEFAULT_FOCUS_OPTIONS,
  Focus,
  OPUS,
  OPUS_RED,
  TELEPHONE_EVENT,
  VIDEO_CODECS,
} from '@conclave/focus';
import type { XmlElement } from '@conclave/protocols/xml';
import { type Jid, nodeWithTenant } from '@conclave/protocols/xmpp';
import type { VideobridgeHost } from '@conclave/videobridge';
import { VISITOR_NODE, type XmppServer } from '@conclave/xmpp-server';
import { channelUrl } from './channel-url.ts';
import { ConferenceRequests } from './conference-requests.ts';
import { StartError } from './errors.ts';
import { createFocusLogins, type FocusLoginSources, mustLogIn } from './focus-logins.ts';
import { offeredCodecs } from './offered-codecs.ts';
import { ReservationSystem } from './reservations.ts';
import type { Settings } from './settings/index.ts';
import { focusDomain } from './web/config-js.ts';

export interface FocusDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: RandomSource;
  readonly logger: Logger;
}

/** Puts the focus on the stanza router and ties it to the bridge. */
export function joinFocus(
  deps: FocusDependencies & { readonly audit: AuditLog },
  settings: Settings,
  xmpp: XmppServer,
  bridge: VideobridgeHost,
  sources: FocusLoginSources,
): Focus {
  const address = focusDomain(settings);
  const port = xmpp.attachComponent([address, settings.XMPP_AUTH_DOMAIN], (stanza: XmlElement) =>
    focus.handleStanza(stanza),
  );
  const focus = new Focus(
    {
      ...deps,
      logger: deps.logger.child({ part: 'focus' }),
      send: (stanza) => port.send(stanza),
      bridges: bridge,
      ...(settings.PROSODY_RESERVATION_ENABLED && {
        reservationLink: createReservationSystem(deps, settings, xmpp),
      }),
    },
    {
      focusAddress: address,
      focusJid: `${settings.JICOFO_AUTH_USER}@${settings.XMPP_AUTH_DOMAIN}/focus`,
      mucDomains: [settings.XMPP_MUC_DOMAIN],
      avModerationAddress: `avmoderation.${settings.XMPP_DOMAIN}`,
      metadataAddress: `metadata.${settings.XMPP_DOMAIN}`,
      breakoutAddress: `breakout.${settings.XMPP_DOMAIN}`,
      channelUrl: (url, realJid) => channelUrl(url, xmpp.originOf(realJid.full)),
      autoOwner:
        settings.ENABLE_AUTO_OWNER &&
        !(settings.ENABLE_WAIT_FOR_HOST && settings.WAIT_FOR_HOST_DISABLE_AUTO_OWNERS),
      mayBecomeOwner: (realJid, room) =>
        !mustLogIn(settings, realJid) && xmpp.mayLead(realJid, room),
      mayShareScreen: (realJid) =>
        sources.identityOf(realJid.full)?.features?.['screen-sharing'] !== false,
      logins: createFocusLogins(settings, sources),
      initialTimeoutMs: settings.JICOFO_CONF_INITIAL_PARTICIPANT_WAIT_TIMEOUT,
      singleParticipantTimeoutMs: settings.JICOFO_CONF_SINGLE_PARTICIPANT_TIMEOUT,
      bridgeSelection: {
        maySpan: settings.ENABLE_OCTO,
        maxEndpointsPerConference: settings.MAX_BRIDGE_PARTICIPANTS,
        overloadStress: settings.BRIDGE_STRESS_THRESHOLD,
        endpointStress: settings.BRIDGE_AVG_PARTICIPANT_STRESS,
      },
      loadRedistribution: {
        ...DEFAULT_FOCUS_OPTIONS.loadRedistribution,
        isEnabled: settings.JICOFO_ENABLE_LOAD_REDISTRIBUTION && settings.ENABLE_OCTO,
      },
      sctp: settings.JVB_PREFER_SCTP,
      ssrcRewriting: settings.JICOFO_CONF_SSRC_REWRITING,
      codecs: [
        ...(settings.ENABLE_CODEC_OPUS_RED ? [OPUS_RED] : []),
        OPUS,
        TELEPHONE_EVENT,
        ...offeredCodecs(settings).map((name) => VIDEO_CODECS[name]),
      ],
      restartLimit: {
        burst: settings.JICOFO_RESTART_REQUEST_MAX,
        intervalMs:
          (settings.JICOFO_RESTART_REQUEST_INTERVAL * 1000) / settings.JICOFO_RESTART_REQUEST_MAX,
      },
      sourceSignalingDelays: settings.JICOFO_CONF_SOURCE_SIGNALING_DELAYS,
      visitors: settings.ENABLE_VISITORS,
      visitorNode: settings.ENABLE_VISITORS
        ? {
            name: VISITOR_NODE,
            expects: (realJid, room) => xmpp.expectsVisitor(room, realJid.full),
          }
        : undefined,
      maxAudioSenders: settings.JICOFO_CONF_MAX_AUDIO_SENDERS || undefined,
      maxVideoSenders: settings.JICOFO_CONF_MAX_VIDEO_SENDERS || undefined,
      maxSsrcsPerParticipant: settings.MAX_SSRCS_PER_USER,
      maxGroupsPerParticipant: settings.MAX_SSRC_GROUPS_PER_USER,
    },
  );
  bridge.onEvent((event) => focus.handleBridgeEvent(event));
  bridge.onExit((bridgeId) => focus.handleBridgeFailed(bridgeId));
  bridge.onRestored((bridgeId) => focus.handleBridgeRestored(bridgeId));
  return focus;
}

/** Throws StartError when nobody said where it is. */
function createReservationSystem(
  deps: FocusDependencies,
  settings: Settings,
  xmpp: XmppServer,
): ReservationSystem {
  const url = settings.PROSODY_RESERVATION_REST_BASE_URL;
  if (url === undefined) {
    throw new StartError(
      'RESERVATION_URL_MISSING',
      'PROSODY_RESERVATION_ENABLED=1: set PROSODY_RESERVATION_REST_BASE_URL as well.',
    );
  }
  // Who has no e-mail address is named by its JID.
  const ownerOf = (realJid: string) =>
    xmpp.identityOf(realJid)?.user?.email ?? realJid.split('/')[0] ?? realJid;
  const logger = deps.logger.child({ part: 'reservations' });
  const nameOf = (room: Jid) => nodeWithTenant(room, settings.XMPP_MUC_DOMAIN);
  return new ReservationSystem({ clock: deps.clock, logger, ownerOf, nameOf }, url.href);
}

/** Conference requests over HTTP are an entity on the router too. */
export function joinConferenceRequests(
  deps: FocusDependencies,
  settings: Settings,
  xmpp: XmppServer,
): ConferenceRequests {
  const domain = `http.${settings.XMPP_DOMAIN}`;
  const port = xmpp.attachComponent([domain], (stanza) => requests.handleStanza(stanza));
  const requests = new ConferenceRequests(
    { ...deps, send: (stanza) => port.send(stanza) },
    { domain, focusAddress: focusDomain(settings) },
  );
  return requests;
}
