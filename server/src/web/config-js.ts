/**
 * `/config.js` and `/interface_config.js`: what clients learn about this deployment. Mobile apps
 * evaluate the text in a bare sandbox and turn the object into JSON, so it is plain data.
 */

import { tenantDomain } from '@conclave/protocols/xmpp';
import { offeredCodecs } from '../offered-codecs.ts';
import type { Settings } from '../settings/index.ts';
import type { ClientAddress } from './client-address.ts';
import type { LogInMethod } from './log-in-page.ts';

/**
 * Keys are Jitsi's; each is here because a client's default would be wrong for this server. `tenant`: of the page
 * `/TENANT/ROOM`; empty for `/ROOM`.
 */
export function clientConfig(
  settings: Settings,
  address: ClientAddress,
  logInMethods: readonly LogInMethod[] = [],
  tenant = '',
): Record<string, unknown> {
  const folder = tenant === '' ? '' : `/${encodeURIComponent(tenant)}`;
  const webSocket = `${address.webSocketOrigin}${folder}/xmpp-websocket`;
  const codecs = offeredCodecs(settings);
  const preferred = (order: typeof codecs) => order.filter((codec) => codecs.includes(codec));
  // Then clients ask the XMPP server for the list (XEP-0215).
  const { STUN_HOST, TURN_HOST, TURNS_HOST } = settings;
  const hasRelays = STUN_HOST.length + TURN_HOST.length + TURNS_HOST.length > 0;
  return {
    hosts: {
      domain: settings.XMPP_DOMAIN,
      // Clients that have nothing to log in with connect there.
      ...(settings.ENABLE_AUTH &&
        settings.ENABLE_GUESTS && { anonymousdomain: settings.XMPP_GUEST_DOMAIN }),
      muc: tenantDomain(settings.XMPP_MUC_DOMAIN, tenant),
      focus: focusDomain(settings),
    },
    // Always absolute: clients complete a relative `bosh`, but not a relative `websocket`.
    websocket: webSocket,
    bosh: `${address.httpOrigin}${folder}/http-bind`,
    websocketKeepAliveUrl: `${address.httpOrigin}${folder}/xmpp-websocket`,
    enableWebsocketResume: true,
    ...logInConfig(settings, address, logInMethods),

    // A data channel is offered only when it is preferred. The second form is for clients before 2022.
    bridgeChannel: { preferSctp: settings.JVB_PREFER_SCTP },
    openBridgeChannel: settings.JVB_PREFER_SCTP ? 'datachannel' : 'websocket',
    flags: {
      ssrcRewritingEnabled: settings.JICOFO_CONF_SSRC_REWRITING,
      // Clients since 2026 on a recent Chromium: a voice is never taken for another, however early it comes.
      rtpMidDemuxEnabled: settings.JICOFO_CONF_SSRC_REWRITING,
    },
    channelLastN: -1,
    // Clients since 2026: a changed network renews the connection instead of the session.
    enableIceRestart: true,
    enableOpusRed: settings.ENABLE_OPUS_RED && settings.ENABLE_CODEC_OPUS_RED,

    // What clients prefer must be what the focus offers. The second form is for clients before 2024.
    videoQuality: {
      codecPreferenceOrder: preferred(settings.CODEC_ORDER_JVB),
      mobileCodecPreferenceOrder: preferred(settings.CODEC_ORDER_JVB_MOBILE),
      preferredCodec: codecs[0],
    },
    disableSimulcast: !settings.ENABLE_SIMULCAST,
    resolution: settings.RESOLUTION,
    constraints: {
      video: {
        height: {
          ideal: settings.RESOLUTION,
          max: settings.RESOLUTION,
          min: Math.min(180, settings.RESOLUTION),
        },
      },
    },
    startWithAudioMuted: settings.START_WITH_AUDIO_MUTED,
    startWithVideoMuted: settings.START_WITH_VIDEO_MUTED,

    useStunTurn: hasRelays,
    p2p: {
      enabled: settings.ENABLE_P2P,
      useStunTurn: hasRelays,
      codecPreferenceOrder: preferred(settings.CODEC_ORDER_P2P),
      mobileCodecPreferenceOrder: preferred(settings.CODEC_ORDER_P2P_MOBILE),
      preferredCodec: preferred(settings.CODEC_ORDER_P2P)[0] ?? codecs[0],
      stunServers: settings.P2P_STUN_SERVERS.map((server) => ({ urls: `stun:${server}` })),
    },
    disablePolls: settings.DISABLE_POLLS,
    disableThirdPartyRequests: true,
    analytics: { disabled: true },
    deploymentInfo: {},
  };
}

/** Jitsi's apps know one page to log in on; ours also shows what else there is. */
function logInConfig(
  settings: Settings,
  address: ClientAddress,
  logInMethods: readonly LogInMethod[],
): Record<string, unknown> {
  if (!settings.ENABLE_AUTH) return {};
  const hasPage = logInMethods.some(({ type }) => type === 'url');
  const page = `${address.httpOrigin}/login?room={room}&state={state}`;
  const tokenAuthUrl = settings.TOKEN_AUTH_URL || (hasPage ? page : '');
  return {
    ...(tokenAuthUrl !== '' && { tokenAuthUrl }),
    ...(logInMethods.length > 0 && { logInMethods }),
  };
}

/** The address of the focus' front door is not a setting of docker-jitsi-meet either. */
export function focusDomain(settings: Settings): string {
  return `focus.${settings.XMPP_DOMAIN}`;
}

export function writeConfigJs(config: Record<string, unknown>): string {
  return `var config = ${JSON.stringify(config, null, 2)};\n`;
}

/** Only Jitsi's own web app reads it. */
export const INTERFACE_CONFIG_JS = `var interfaceConfig = ${JSON.stringify(
  { APP_NAME: 'Conclave', NATIVE_APP_NAME: 'Conclave', PROVIDER_NAME: 'Conclave' },
  null,
  2,
)};\n`;
