/**
 * Every setting the server honours. Names, where docker-jitsi-meet has one, are its names, so an
 * existing `.env` works. env.example and docs/settings.md are generated from this table.
 */
import { LOG_LEVELS } from '@conclave/platform/telemetry';
import { LDAP_SETTINGS } from './ldap-settings.ts';
import { OIDC_SETTINGS } from './oidc-settings.ts';
import {
  accountName,
  addressList,
  choice,
  domain,
  duration,
  flag,
  folder,
  hostList,
  hostPortList,
  integer,
  ipAddress,
  order,
  origin,
  port,
  type Setting,
  secret,
  text,
  textList,
  timeZone,
  url,
  urlList,
} from './setting.ts';

const general = 'General';
const administration = 'Administration';
const web = 'Web server';
const media = 'Videobridge';
const signalling = 'XMPP addresses';
const conference = 'Conferences';
const access = 'Who may enter';
const relay = 'External STUN and TURN servers';

export const SCHEMA = {
  CONFIG: folder({
    group: general,
    default: '~/.conclave',
    sentence:
      'Folder for state: generated secrets, certificates, later the database and recordings.',
  }),
  LOG_LEVEL: choice({
    group: general,
    default: 'info',
    values: LOG_LEVELS,
    sentence: 'How much is logged; personal data such as addresses appears only at debug.',
  }),
  TZ: timeZone({
    group: general,
    default: 'UTC',
    sentence: 'Time zone of dates that people read; logs are always in UTC.',
  }),

  PRIVATE_ADDRESS: ipAddress({
    group: administration,
    default: '127.0.0.1',
    sentence:
      'Address on which the private port listens; with another than a loopback address, keep strangers off it by other means.',
  }),
  ADMIN_API_ENABLED: flag({
    group: administration,
    default: false,
    sentence:
      'The admin API on the private port, for programs and for "conclave rooms" (docs/admin-api.md); its secret is in CONFIG/admin-token.',
  }),
  WEBHOOK_URLS: urlList({
    group: administration,
    sentence: 'Where events of rooms are sent to, signed (docs/webhooks.md).',
  }),
  WEBHOOK_SECRET: secret({
    group: administration,
    sentence:
      'Key of the signatures: whsec_ and base64, or a text; without it one is made in CONFIG/webhook-secret.',
  }),
  WEBHOOK_EVENTS: textList({
    group: administration,
    sentence: 'Only these events, such as room.created; all when empty.',
  }),
  XMPP_MODULES: textList({
    group: administration,
    sentence:
      'Plugins for rooms of all kinds, from CONFIG/plugins, in this order (docs/plugins.md); modules of Prosody are reported.',
  }),
  XMPP_MUC_MODULES: textList({
    group: administration,
    sentence: 'The same for conferences only.',
  }),
  XMPP_BREAKOUT_MUC_MODULES: textList({
    group: administration,
    sentence: 'The same for breakout rooms only.',
  }),
  XMPP_LOBBY_MUC_MODULES: textList({
    group: administration,
    sentence: 'The same for lobbies only.',
  }),
  AUDIT_LOG_ENABLED: flag({
    group: administration,
    default: true,
    sentence:
      'Log-ins, refusals and what moderators and administrators do, in CONFIG/audit.log (docs/audit-log.md).',
  }),
  AUDIT_LOG_MAX_MB: integer({
    group: administration,
    default: 10,
    min: 1,
    max: 10000,
    unit: 'of megabytes',
    sentence: 'Size at which that file is set aside and a new one is begun.',
  }),
  AUDIT_LOG_KEEP: integer({
    group: administration,
    default: 5,
    min: 0,
    max: 1000,
    sentence: 'Files set aside that are kept.',
  }),

  PUBLIC_URL: origin({
    group: web,
    sentence:
      'Where clients reach this server from outside; without it each client gets the address it used itself.',
  }),
  LISTEN_ADDRESS: ipAddress({
    group: web,
    default: '::',
    sentence: 'Address of this machine on which HTTP and HTTPS listen; :: is all, IPv4 and IPv6.',
  }),
  HTTPS_PORT: port({ group: web, default: 8443, sentence: 'TCP port for HTTPS.' }),
  HTTP_PORT: port({ group: web, default: 8000, sentence: 'TCP port for plain HTTP.' }),
  DISABLE_HTTPS: flag({
    group: web,
    default: false,
    sentence: 'No HTTPS: for a reverse proxy that has the certificate; set PUBLIC_URL as well.',
  }),
  ENABLE_HTTP_REDIRECT: flag({
    group: web,
    default: true,
    sentence: 'The HTTP port only redirects to HTTPS; without HTTPS it always serves everything.',
  }),
  ENABLE_HSTS: flag({
    group: web,
    default: true,
    sentence:
      'Tells browsers to use HTTPS only from now on; never sent with the self-signed certificate.',
  }),
  WEB_MAX_CONNECTIONS: integer({
    group: web,
    default: 20000,
    min: 10,
    max: 1000000,
    sentence: 'TCP connections to the web server at a time.',
  }),
  WEB_MAX_CONNECTIONS_PER_ADDRESS: integer({
    group: web,
    default: 500,
    min: 0,
    max: 1000000,
    zero: 'for no limit',
    sentence:
      'The same from one address (IPv6: one /64); behind a reverse proxy everyone has the address of the proxy, so set 0.',
  }),

  JVB_PORT: port({ group: media, default: 10000, sentence: 'UDP port for all media.' }),
  JVB_ADVERTISE_IPS: addressList({
    group: media,
    sentence:
      'Addresses under which clients reach the media port from outside (NAT, port forwarding), besides the local ones.',
  }),
  DOCKER_HOST_ADDRESS: addressList({
    group: media,
    sentence: 'Older name of JVB_ADVERTISE_IPS; both are used.',
  }),
  JVB_STUN_SERVERS: hostPortList({
    group: media,
    sentence:
      'STUN servers that tell the address of this machine in front of its NAT, asked every 25 s from the media port; none by default, because they would be a third party. JVB_ADVERTISE_IPS needs none.',
  }),
  JVB_ADVERTISE_PRIVATE_CANDIDATES: flag({
    group: media,
    default: true,
    sentence:
      'Also offer the addresses of this machine when JVB_ADVERTISE_IPS is set; off when they lead nowhere.',
  }),
  ENABLE_IPV6: flag({
    group: media,
    default: true,
    sentence: 'Also offer IPv6 addresses of this machine for media.',
  }),
  COLIBRI_REST_ENABLED: flag({
    group: media,
    default: false,
    sentence:
      'Figures for monitoring on a private port of this machine only (127.0.0.1): /metrics for Prometheus, /colibri/stats, /about/health.',
  }),
  JVB_CC_TRUST_BWE: flag({
    group: media,
    default: true,
    sentence:
      'Send each client no more video than its network is measured to carry; off sends what it asks for.',
  }),
  JVB_LOUDEST_VOICES: integer({
    group: media,
    default: 0,
    min: 0,
    max: 100,
    sentence:
      'Forward only so many voices of a conference at a time, the loudest and whoever leads the talk; 0 forwards all. 3 spares large conferences much.',
  }),
  JVB_PREFER_SCTP: flag({
    group: media,
    default: false,
    sentence:
      'Clients open the bridge channel as an SCTP data channel instead of a WebSocket. A WebSocket is opened again when it breaks; Jitsi clients do not do that with a data channel.',
  }),
  JVB_COLIBRI_PORT: port({
    group: media,
    default: 8080,
    sentence: 'TCP port of these figures and of the admin API: the private port.',
  }),

  XMPP_DOMAIN: domain({
    group: signalling,
    default: 'meet.jitsi',
    sentence: 'Main XMPP domain; internal, need not exist in DNS.',
  }),
  XMPP_MUC_DOMAIN: domain({
    group: signalling,
    default: 'muc.XMPP_DOMAIN',
    sentence: 'XMPP domain of the conference rooms.',
  }),
  XMPP_GUEST_DOMAIN: domain({
    group: signalling,
    default: 'guest.XMPP_DOMAIN',
    sentence: 'XMPP domain of people who do not log in, when ENABLE_GUESTS is on.',
  }),
  XMPP_AUTH_DOMAIN: domain({
    group: signalling,
    default: 'auth.XMPP_DOMAIN',
    sentence: 'XMPP domain of internal accounts such as the focus.',
  }),
  JICOFO_AUTH_USER: accountName({
    group: signalling,
    default: 'focus',
    sentence: 'Account name of the focus at XMPP_AUTH_DOMAIN.',
  }),

  MAX_PARTICIPANTS: integer({
    group: conference,
    default: 500,
    min: 2,
    max: 10000,
    sentence: 'People in one conference at most.',
  }),
  ENABLE_AUTO_OWNER: flag({
    group: conference,
    default: true,
    sentence: 'The first participant becomes moderator, and another one when the last one leaves.',
  }),
  ENABLE_AV_MODERATION: flag({
    group: conference,
    default: true,
    sentence: 'Moderators may decide who turns microphone, camera or screen share on.',
  }),
  ENABLE_LOBBY: flag({
    group: conference,
    default: true,
    sentence: 'Moderators may let people wait in a lobby until they are admitted.',
  }),
  ENABLE_WAIT_FOR_HOST: flag({
    group: conference,
    default: false,
    sentence:
      'Guests wait, in the lobby when there is one, until somebody who logged in is in the room.',
  }),
  WAIT_FOR_HOST_DISABLE_AUTO_OWNERS: flag({
    group: conference,
    default: false,
    sentence: 'With ENABLE_WAIT_FOR_HOST nobody becomes moderator by being first, only hosts are.',
  }),
  BAN_ADDRESSES: flag({
    group: conference,
    default: false,
    sentence:
      'Who is banned without an account is kept out by network address too; not behind a reverse proxy, and it concerns all who share the address.',
  }),
  MUC_HISTORY_LENGTH: integer({
    group: conference,
    default: 20,
    min: 0,
    max: 1000,
    zero: 'for none',
    sentence: 'Chat messages of before that who enters later still gets.',
  }),
  ENABLE_VISITORS: flag({
    group: conference,
    default: false,
    sentence:
      'Beyond VISITORS_MAX_PARTICIPANTS people come in as visitors: they look on, may chat, and may ask to take part.',
  }),
  VISITORS_MAX_PARTICIPANTS: integer({
    group: conference,
    default: 30,
    min: 1,
    max: 10000,
    sentence:
      'With ENABLE_VISITORS: participants of one conference, before others become visitors.',
  }),
  VISITORS_MAX_VISITORS_PER_NODE: integer({
    group: conference,
    default: 250,
    min: 1,
    max: 10000,
    sentence: 'Visitors of one conference at most; MAX_PARTICIPANTS counts them too.',
  }),
  KEEP_ROOMS: choice({
    group: conference,
    default: 'authenticated',
    values: ['nobody', 'authenticated', 'owners'],
    sentence:
      'Whose rooms may be kept between meetings, with password, lobby, subject and moderators: of moderators who logged in, of all moderators, or only those that the administrator keeps.',
  }),
  PROSODY_RESERVATION_ENABLED: flag({
    group: conference,
    default: false,
    sentence: 'Only rooms that a reservation system grants may be used.',
  }),
  PROSODY_RESERVATION_REST_BASE_URL: url({
    group: conference,
    sentence: "Where that system answers; /conference of Jitsi's reservation API is below it.",
  }),
  ENABLE_BREAKOUT_ROOMS: flag({
    group: conference,
    default: true,
    sentence: 'Moderators may make breakout rooms and send people there.',
  }),
  ENABLE_END_CONFERENCE: flag({
    group: conference,
    default: true,
    sentence: 'Moderators may end the meeting for everybody.',
  }),
  DISABLE_POLLS: flag({
    group: conference,
    default: false,
    sentence: 'No polls.',
  }),
  JICOFO_CONF_INITIAL_PARTICIPANT_WAIT_TIMEOUT: integer({
    group: conference,
    default: 15000,
    min: 1000,
    max: 600000,
    unit: 'of milliseconds',
    sentence: 'A conference that was requested and that nobody joins ends after this time.',
  }),
  JICOFO_CONF_SINGLE_PARTICIPANT_TIMEOUT: integer({
    group: conference,
    default: 20000,
    min: 1000,
    max: 600000,
    unit: 'of milliseconds',
    sentence: "A lone participant's media session ends after this time.",
  }),
  JICOFO_CONF_MAX_AUDIO_SENDERS: integer({
    group: conference,
    default: 0,
    min: 0,
    max: 999999,
    zero: 'for no limit',
    sentence: 'Open microphones in one conference at a time.',
  }),
  JICOFO_CONF_MAX_VIDEO_SENDERS: integer({
    group: conference,
    default: 0,
    min: 0,
    max: 999999,
    zero: 'for no limit',
    sentence: 'Participants with a camera or screen share on at a time in one conference.',
  }),
  MAX_SSRCS_PER_USER: integer({
    group: conference,
    default: 20,
    min: 4,
    max: 200,
    sentence: 'Media streams (SSRCs) that one participant may announce.',
  }),
  MAX_SSRC_GROUPS_PER_USER: integer({
    group: conference,
    default: 20,
    min: 4,
    max: 200,
    sentence: 'Groups of media streams that one participant may announce.',
  }),
  ENABLE_P2P: flag({
    group: conference,
    default: true,
    sentence: 'Two people alone in a conference may send media directly to each other.',
  }),
  P2P_STUN_SERVERS: hostPortList({
    group: conference,
    sentence:
      'STUN servers for direct calls of two; none by default, because they would be a third party that learns addresses.',
  }),
  ENABLE_CODEC_VP8: flag({
    group: conference,
    default: true,
    sentence: 'The bridge offers VP8. Jitsi clients use it whenever they encrypt end to end.',
  }),
  ENABLE_CODEC_VP9: flag({ group: conference, default: true, sentence: 'The bridge offers VP9.' }),
  ENABLE_CODEC_AV1: flag({ group: conference, default: true, sentence: 'The bridge offers AV1.' }),
  ENABLE_CODEC_H264: flag({
    group: conference,
    default: true,
    sentence: 'The bridge offers H.264.',
  }),
  ENABLE_CODEC_OPUS_RED: flag({
    group: conference,
    default: false,
    sentence:
      'The bridge offers Opus with redundancy (RED), which repairs loss for more bandwidth.',
  }),
  ENABLE_OPUS_RED: flag({
    group: conference,
    default: false,
    sentence: 'Clients ask for Opus with redundancy; needs ENABLE_CODEC_OPUS_RED.',
  }),
  CODEC_ORDER_JVB: order({
    group: conference,
    default: ['VP8', 'VP9', 'H264', 'AV1'],
    values: ['AV1', 'VP9', 'VP8', 'H264'],
    sentence:
      'What computers send, the best first; all participants must have it. VP9 and AV1 take less bandwidth and more processor time.',
  }),
  CODEC_ORDER_JVB_MOBILE: order({
    group: conference,
    default: ['VP8', 'VP9', 'H264', 'AV1'],
    values: ['AV1', 'VP9', 'VP8', 'H264'],
    sentence: 'The same for phones.',
  }),
  CODEC_ORDER_P2P: order({
    group: conference,
    default: ['VP8', 'VP9', 'H264', 'AV1'],
    values: ['AV1', 'VP9', 'VP8', 'H264'],
    sentence: 'What computers send in direct calls of two.',
  }),
  CODEC_ORDER_P2P_MOBILE: order({
    group: conference,
    default: ['VP8', 'VP9', 'H264', 'AV1'],
    values: ['AV1', 'VP9', 'VP8', 'H264'],
    sentence: 'The same for phones.',
  }),
  ENABLE_SIMULCAST: flag({
    group: conference,
    default: true,
    sentence: 'Cameras send several resolutions, so that each receiver gets the one it needs.',
  }),
  RESOLUTION: integer({
    group: conference,
    default: 720,
    min: 180,
    max: 2160,
    unit: 'of lines',
    sentence: 'Height of the picture that cameras are asked for.',
  }),
  START_WITH_AUDIO_MUTED: flag({
    group: conference,
    default: false,
    sentence: 'Everyone enters with the microphone off.',
  }),
  START_WITH_VIDEO_MUTED: flag({
    group: conference,
    default: false,
    sentence: 'Everyone enters with the camera off.',
  }),

  ENABLE_AUTH: flag({
    group: access,
    default: false,
    sentence: 'Only those may enter whom AUTH_TYPE accepts; otherwise everybody may.',
  }),
  AUTH_TYPE: choice({
    group: access,
    default: 'internal',
    values: ['internal', 'jwt', 'ldap', 'oidc', 'matrix', 'hybrid_matrix_token'],
    sentence:
      'How people prove who they are when ENABLE_AUTH is on: internal for accounts of this server (conclave user add), jwt for tokens, ldap for a directory, oidc for OpenID Connect.',
  }),
  ENABLE_GUESTS: flag({
    group: access,
    default: false,
    sentence:
      'People who do not log in may enter rooms that somebody who did has opened; they wait until then.',
  }),
  JICOFO_ENABLE_AUTH: flag({
    group: access,
    default: true,
    sentence:
      'With ENABLE_GUESTS: guests wait for somebody who logged in; off, they may start meetings too.',
  }),
  JICOFO_AUTH_LIFETIME: duration({
    group: access,
    default: '24 hours',
    sentence:
      'How long a browser in which somebody logged in counts as logged in when it comes back as a guest.',
  }),
  LOGIN_MAX_FAILURES: integer({
    group: access,
    default: 5,
    min: 1,
    max: 1000,
    sentence:
      'Wrong passwords for one account from one address after which log-ins are refused for five minutes.',
  }),
  LOGIN_MAX_FAILURES_PER_ADDRESS: integer({
    group: access,
    default: 50,
    min: 0,
    max: 1000000,
    zero: 'for no limit',
    sentence:
      'The same from one address for whatever account; behind a reverse proxy everyone has the address of the proxy, so set 0.',
  }),
  ENABLE_SCRAM_SHA_1: flag({
    group: access,
    default: false,
    sentence:
      'Also offer SCRAM-SHA-1, for XMPP clients that know neither SCRAM-SHA-256 nor PLAIN; Jitsi clients then need many seconds to log in.',
  }),
  JWT_APP_ID: text({
    group: access,
    sentence: 'Name of the application that signs tokens; the issuer they must name.',
  }),
  JWT_APP_SECRET: secret({
    group: access,
    sentence: 'Secret shared with that application (HS256, HS384 and HS512).',
  }),
  JWT_APP_SECRET_PREVIOUS: secret({
    group: access,
    sentence: 'Secret that is also accepted, while JWT_APP_SECRET is being replaced.',
  }),
  JWT_ASAP_KEYSERVER: url({
    group: access,
    sentence:
      'Folder of public keys, one file SHA-256(kid).pem for each, for tokens signed with RS, PS, ES or EdDSA.',
  }),
  JWT_JWKS_URL: url({
    group: access,
    sentence: 'Or one document with all public keys: a JWKS, or a JSON map of kid to certificate.',
  }),
  JWT_ACCEPTED_ISSUERS: textList({
    group: access,
    sentence: 'Issuers accepted instead of JWT_APP_ID; * at the end stands for any ending.',
  }),
  JWT_ACCEPTED_AUDIENCES: textList({
    group: access,
    sentence: 'Audiences of which a token must name one; every one when empty.',
  }),
  JWT_ALLOW_EMPTY: flag({
    group: access,
    default: false,
    sentence: 'People without a token may enter too, as guests; a wrong token is still refused.',
  }),
  JWT_ENABLE_DOMAIN_VERIFICATION: flag({
    group: access,
    default: false,
    sentence:
      "The token's sub must be the tenant of the room, or XMPP_DOMAIN for rooms without one.",
  }),
  JWT_LEEWAY: integer({
    group: access,
    default: 10,
    min: 0,
    max: 600,
    unit: 'of seconds',
    sentence: 'How far the clock of the application may differ from ours.',
  }),
  TOKEN_AUTH_URL: text({
    group: access,
    sentence:
      'Page to which clients without a token are sent, with {room} and {state}; it sends them back with ?jwt=.',
  }),

  ...LDAP_SETTINGS,
  ...OIDC_SETTINGS,

  STUN_HOST: hostList({ group: relay, sentence: 'STUN servers that clients may ask.' }),
  STUN_PORT: port({ group: relay, default: 443, sentence: 'UDP port of the STUN servers.' }),
  TURN_HOST: hostList({ group: relay, sentence: 'TURN servers that clients may relay through.' }),
  TURN_PORT: port({ group: relay, default: 443, sentence: 'Port of the TURN servers.' }),
  TURN_TRANSPORT: choice({
    group: relay,
    default: 'tcp',
    values: ['tcp', 'udp', 'tcp,udp', 'udp,tcp'],
    sentence: 'How clients reach the TURN servers.',
  }),
  TURNS_HOST: hostList({ group: relay, sentence: 'TURN servers that are reached over TLS.' }),
  TURNS_PORT: port({
    group: relay,
    default: 443,
    sentence: 'TCP port of the TURN servers over TLS.',
  }),
  TURN_CREDENTIALS: secret({
    group: relay,
    sentence: 'Secret shared with the TURN servers, from which short-lived credentials are made.',
  }),
  TURN_TTL: integer({
    group: relay,
    default: 86400,
    min: 60,
    max: 604800,
    unit: 'of seconds',
    sentence: 'How long such credentials are good.',
  }),
  TURN_USERNAME: text({
    group: relay,
    sentence: 'Fixed user name at the TURN servers, when there is no shared secret.',
  }),
  TURN_PASSWORD: secret({ group: relay, sentence: 'Its password.' }),
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

export type SettingName = keyof typeof SCHEMA;

type ValueOf<S> = S extends Setting<infer T> ? T : never;

/** The settings of a run: complete, checked, frozen. */
export type Settings = { readonly [K in SettingName]: ValueOf<(typeof SCHEMA)[K]> };
