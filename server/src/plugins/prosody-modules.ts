/** Prosody's modules that people name in XMPP_MODULES and its siblings, and what does their work here. */

const BUILT_IN = 'is built in';

const EQUIVALENTS: Readonly<Record<string, string>> = {
  av_moderation: `${BUILT_IN} (ENABLE_AV_MODERATION)`,
  av_moderation_component: `${BUILT_IN} (ENABLE_AV_MODERATION)`,
  conference_duration: BUILT_IN,
  conference_duration_component: BUILT_IN,
  end_conference: `${BUILT_IN} (ENABLE_END_CONFERENCE)`,
  event_sync: 'has an equivalent in webhooks (docs/webhooks.md)',
  event_sync_component: 'has an equivalent in webhooks (docs/webhooks.md)',
  external_services: `${BUILT_IN} (TURN_HOST and its neighbours)`,
  http_openmetrics: 'has an equivalent in /metrics (docs/monitoring.md)',
  jiconop: BUILT_IN,
  limits: BUILT_IN,
  limits_exception: 'is not needed: the parts share one process',
  log_ringbuffer: 'is not needed: logs go to standard error',
  measure_stanza_counts: 'has an equivalent in /metrics (docs/monitoring.md)',
  muc_allowners: `${BUILT_IN} (ENABLE_AUTO_OWNER)`,
  muc_breakout_rooms: `${BUILT_IN} (ENABLE_BREAKOUT_ROOMS)`,
  muc_census: 'has an equivalent in the admin API, /room-census (docs/admin-api.md)',
  muc_domain_mapper: BUILT_IN,
  muc_end_meeting: 'has an equivalent in the admin API (docs/admin-api.md)',
  muc_hide_all: `${BUILT_IN}: rooms are never listed`,
  muc_kick_participant: 'has an equivalent in the admin API (docs/admin-api.md)',
  muc_lobby_rooms: `${BUILT_IN} (ENABLE_LOBBY)`,
  muc_max_occupants: `${BUILT_IN} (MAX_PARTICIPANTS)`,
  muc_meeting_id: BUILT_IN,
  muc_password_check: 'has an equivalent in the admin API (docs/admin-api.md)',
  muc_password_whitelist: BUILT_IN,
  muc_poltergeist: 'has no equivalent: current clients do not use it',
  muc_rate_limit: BUILT_IN,
  muc_resource_validate: BUILT_IN,
  muc_size: 'has an equivalent in the admin API, /room-size and /room (docs/admin-api.md)',
  muc_transcription_filter: BUILT_IN,
  muc_wait_for_host: `${BUILT_IN} (ENABLE_WAIT_FOR_HOST)`,
  reservations: `${BUILT_IN} (PROSODY_RESERVATION_ENABLED)`,
  visitors: `${BUILT_IN} (VISITORS_MAX_PARTICIPANTS)`,
  polls: `${BUILT_IN} (DISABLE_POLLS)`,
  polls_component: `${BUILT_IN} (DISABLE_POLLS)`,
  presence_identity: BUILT_IN,
  prometheus: 'has an equivalent in /metrics (docs/monitoring.md)',
  rate_limit: BUILT_IN,
  room_metadata: BUILT_IN,
  room_metadata_component: BUILT_IN,
  smacks: BUILT_IN,
  bosh: BUILT_IN,
  websocket: BUILT_IN,
  speakerstats: BUILT_IN,
  speakerstats_component: BUILT_IN,
  token_affiliation: 'is built in: context.user.affiliation and moderator count (docs/access.md)',
  token_verification: `${BUILT_IN} (AUTH_TYPE=jwt, docs/access.md)`,
  turncredentials: `${BUILT_IN} (TURN_CREDENTIALS)`,
  turncredentials_http: `${BUILT_IN} (TURN_CREDENTIALS)`,
};

/** What does the work of a Prosody module here, as the end of a sentence; undefined for an unknown one. */
export function equivalentOf(name: string): string | undefined {
  const plain = name.replace(/^mod_/, '');
  return Object.hasOwn(EQUIVALENTS, plain) ? EQUIVALENTS[plain] : undefined;
}
