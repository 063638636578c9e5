/** Settings of rooms: who leads, how many fit in, and which features there are. */
import { rangeList, url } from './address-kinds.ts';
import { byteRate, choice, delaySteps, flag, integer } from './value-kinds.ts';

const group = 'Conferences';

export const CONFERENCE_SETTINGS = {
  MAX_PARTICIPANTS: integer({
    group,
    default: 500,
    min: 2,
    max: 10000,
    sentence: 'People in one conference at most.',
  }),
  ENABLE_AUTO_OWNER: flag({
    group,
    default: true,
    sentence: 'The first participant becomes moderator, and another one when the last one leaves.',
  }),
  ENABLE_AV_MODERATION: flag({
    group,
    default: true,
    sentence: 'Moderators may decide who turns microphone, camera or screen share on.',
  }),
  ENABLE_LOBBY: flag({
    group,
    default: true,
    sentence: 'Moderators may let people wait in a lobby until they are admitted.',
  }),
  ENABLE_WAIT_FOR_HOST: flag({
    group,
    default: false,
    sentence:
      'Guests wait, in the lobby when there is one, until somebody who logged in is in the room.',
  }),
  WAIT_FOR_HOST_DISABLE_AUTO_OWNERS: flag({
    group,
    default: false,
    sentence: 'With ENABLE_WAIT_FOR_HOST nobody becomes moderator by being first, only hosts are.',
  }),
  BAN_ADDRESSES: flag({
    group,
    default: false,
    sentence:
      'Who is banned without an account is kept out by network address too, which concerns all who share it; behind a reverse proxy see PROSODY_TRUSTED_PROXIES.',
  }),
  MUC_HISTORY_LENGTH: integer({
    group,
    default: 20,
    min: 0,
    max: 1000,
    zero: 'for none',
    sentence: 'Chat messages of before that who enters later still gets.',
  }),
  PROSODY_ENABLE_MUC_RESOURCE_VALIDATE: flag({
    group,
    default: true,
    sentence:
      'The id of somebody in a room must begin its name on this server; otherwise clients choose it.',
  }),
  PROSODY_RATE_LIMIT_LOGIN_RATE: integer({
    group,
    default: 0,
    min: 0,
    max: 10000,
    zero: 'for no limit',
    sentence:
      'Log-ins per second from one address (IPv6: one /64), twice as many at once; further ones wait, and are refused when it would take more than five seconds.',
  }),
  PROSODY_RATE_LIMIT_ALLOW_RANGES: rangeList({
    group,
    default: '127.0.0.0/8,::1',
    sentence: 'Addresses that PROSODY_RATE_LIMIT_LOGIN_RATE does not concern.',
  }),
  PROSODY_C2S_LIMIT: byteRate({
    group,
    default: '128kb/s',
    sentence: 'What one client may send on average; more is read later. Much may come at once.',
  }),
  PROSODY_DISABLE_C2S_LIMIT: flag({
    group,
    default: false,
    sentence: 'PROSODY_C2S_LIMIT does not count; the number of stanzas stays limited.',
  }),
  ENABLE_VISITORS: flag({
    group,
    default: false,
    sentence:
      'Beyond VISITORS_MAX_PARTICIPANTS people come in as visitors: they look on, may chat, and may ask to take part.',
  }),
  VISITORS_MAX_PARTICIPANTS: integer({
    group,
    default: 30,
    min: 1,
    max: 10000,
    sentence:
      'With ENABLE_VISITORS: participants of one conference, before others become visitors.',
  }),
  VISITORS_MAX_VISITORS_PER_NODE: integer({
    group,
    default: 250,
    min: 1,
    max: 10000,
    sentence: 'Visitors of one conference at most; MAX_PARTICIPANTS counts them too.',
  }),
  KEEP_ROOMS: choice({
    group,
    default: 'authenticated',
    values: ['nobody', 'authenticated', 'owners'],
    sentence:
      'Whose rooms may be kept between meetings, with password, lobby, subject and moderators: of moderators who logged in, of all moderators, or only those that the administrator keeps.',
  }),
  PROSODY_RESERVATION_ENABLED: flag({
    group,
    default: false,
    sentence: 'Only rooms that a reservation system grants may be used.',
  }),
  PROSODY_RESERVATION_REST_BASE_URL: url({
    group,
    sentence: "Where that system answers; /conference of Jitsi's reservation API is below it.",
  }),
  ENABLE_BREAKOUT_ROOMS: flag({
    group,
    default: true,
    sentence: 'Moderators may make breakout rooms and send people there.',
  }),
  ENABLE_END_CONFERENCE: flag({
    group,
    default: true,
    sentence: 'Moderators may end the meeting for everybody.',
  }),
  DISABLE_POLLS: flag({
    group,
    default: false,
    sentence: 'No polls.',
  }),
  JICOFO_RESTART_REQUEST_MAX: integer({
    group,
    default: 4,
    min: 1,
    max: 100,
    sentence: 'Restarts of its media session that a participant may ask for at once …',
  }),
  JICOFO_RESTART_REQUEST_INTERVAL: integer({
    group,
    default: 20,
    min: 1,
    max: 3600,
    unit: 'of seconds',
    sentence: '… and again in so much time.',
  }),
  JICOFO_CONF_SOURCE_SIGNALING_DELAYS: delaySteps({
    group,
    default: '{"20": 200, "50": 500, "100": 1000}',
    sentence: 'In rooms of so many people news about sources are collected for so many ms.',
  }),
  JICOFO_CONF_INITIAL_PARTICIPANT_WAIT_TIMEOUT: integer({
    group,
    default: 15000,
    min: 1000,
    max: 600000,
    unit: 'of milliseconds',
    sentence: 'A conference that was requested and that nobody joins ends after this time.',
  }),
  JICOFO_CONF_SINGLE_PARTICIPANT_TIMEOUT: integer({
    group,
    default: 20000,
    min: 1000,
    max: 600000,
    unit: 'of milliseconds',
    sentence: "A lone participant's media session ends after this time.",
  }),
} as const;
