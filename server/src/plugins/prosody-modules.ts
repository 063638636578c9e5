/** Prosody's modules that people name in XMPP_MODULES and its siblings, and what does their work here. */

const BUILT_IN = 'is built in';

const EQUIVALENTS: Readonly<Record<string, string>> = {
  audio_translation_component: 'has no equivalent: speech is not translated here',
  'auth_jitsi-anonymous': BUILT_IN,
  'auth_jitsi-shared-secret': 'is not needed: the parts share one process',
  auth_token: `${BUILT_IN} (AUTH_TYPE=jwt, docs/access.md)`,
  av_moderation: `${BUILT_IN} (ENABLE_AV_MODERATION)`,
  av_moderation_component: `${BUILT_IN} (ENABLE_AV_MODERATION)`,
  bosh: BUILT_IN,
  breakout_rooms: `${BUILT_IN} (ENABLE_BREAKOUT_ROOMS)`,
  certs_all: 'is not needed: the parts share one process',
  certs_s2soutinjection: 'is not needed: the parts share one process',
  cf_turncredentials: 'has no equivalent: TURN servers are those of TURN_HOST',
  client_proxy: 'is not needed: the parts share one process',
  conference_duration: BUILT_IN,
  conference_duration_component: BUILT_IN,
  debug_traceback: 'is not needed: errors are in the log',
  end_conference: `${BUILT_IN} (ENABLE_END_CONFERENCE)`,
  event_sync: 'has an equivalent in webhooks (docs/webhooks.md)',
  event_sync_component: 'has an equivalent in webhooks (docs/webhooks.md)',
  external_services: `${BUILT_IN} (TURN_HOST and its neighbours)`,
  features_identity: `${BUILT_IN}: tokens say what their holder may (docs/access.md)`,
  filesharing_component: 'has no equivalent: files are not shared through this server',
  filter_direct_messages: `${BUILT_IN}: people write to each other in rooms only`,
  filter_iq_jibri: `${BUILT_IN}: recordings need a permission`,
  filter_iq_rayo: `${BUILT_IN}: telephone calls need a permission`,
  filter_messages: `${BUILT_IN}: people write to each other in rooms only`,
  firewall: 'is replaced by plugins of this server (docs/plugins.md)',
  fmuc: `${BUILT_IN} (ENABLE_VISITORS): the visitor node is this server`,
  http_openmetrics: 'has an equivalent in /metrics (docs/monitoring.md)',
  jibri_queue: 'has no equivalent: there is no queue for recorders',
  jibri_queue_component: 'has no equivalent: there is no queue for recorders',
  jibri_session: 'is not needed: the parts share one process',
  jiconop: BUILT_IN,
  jitsi_permissions: `${BUILT_IN}: permissions are in everybody’s own presence`,
  jitsi_session: BUILT_IN,
  limits: `${BUILT_IN} (PROSODY_C2S_LIMIT)`,
  limits_exception: 'is not needed: the parts share one process',
  log_ringbuffer: 'is not needed: logs go to standard error',
  measure_message_count: 'has an equivalent in /metrics (docs/monitoring.md)',
  measure_stanza_counts: 'has an equivalent in /metrics (docs/monitoring.md)',
  muc_allowners: `${BUILT_IN} (ENABLE_AUTO_OWNER)`,
  muc_auth_ban: 'has an equivalent in the reservation API and in plugins (docs/plugins.md)',
  muc_breakout_rooms: `${BUILT_IN} (ENABLE_BREAKOUT_ROOMS)`,
  muc_call: 'has no equivalent: current clients do not use it',
  muc_census: 'has an equivalent in the admin API, /room-census (docs/admin-api.md)',
  muc_cleanup_backend_services: 'is not needed: a room ends with its last person',
  muc_displayname: BUILT_IN,
  muc_domain_mapper: BUILT_IN,
  muc_end_meeting: 'has an equivalent in the admin API, /end-meeting (docs/admin-api.md)',
  muc_filter_access: 'is replaced by plugins of this server (docs/plugins.md)',
  muc_flip: `${BUILT_IN}, for tokens with the feature flip`,
  muc_hide_all: `${BUILT_IN}: rooms are never listed`,
  muc_jigasi_invite: 'has no equivalent: there is no telephone gateway',
  muc_kick_jigasi: 'has an equivalent in the admin API (docs/admin-api.md)',
  muc_kick_participant: 'has an equivalent in the admin API, /kick-participant (docs/admin-api.md)',
  muc_limit_messages: 'is replaced by a limit of what one client may send (PROSODY_C2S_LIMIT)',
  muc_lobby_rooms: `${BUILT_IN} (ENABLE_LOBBY)`,
  muc_max_occupants: `${BUILT_IN} (MAX_PARTICIPANTS)`,
  muc_meeting_id: BUILT_IN,
  muc_message_moderation: `${BUILT_IN}: permissions.groupChatRestricted of the room’s metadata`,
  muc_message_retract: `${BUILT_IN}: only the author retracts`,
  muc_moderator_hidden: 'has no equivalent: hidden people are services',
  muc_password_check: 'has an equivalent in the admin API, /room-info (docs/admin-api.md)',
  muc_password_whitelist: BUILT_IN,
  muc_poltergeist: 'has no equivalent: current clients do not use it',
  muc_rate_limit: 'is not needed: a storm of arrivals costs little here',
  muc_resource_validate: `${BUILT_IN} (PROSODY_ENABLE_MUC_RESOURCE_VALIDATE)`,
  muc_setowner: 'has an equivalent in the admin API (docs/admin-api.md)',
  muc_size:
    'has an equivalent in the admin API, /room-size, /room and /sessions (docs/admin-api.md)',
  muc_system_chat_message: 'has an equivalent in the admin API (docs/admin-api.md)',
  muc_trace: 'has an equivalent in the audit log (docs/audit-log.md)',
  muc_transcription_filter: BUILT_IN,
  muc_user_hidden: 'has no equivalent: hidden people are services',
  muc_visitors: `${BUILT_IN} (ENABLE_VISITORS)`,
  muc_wait_for_host: `${BUILT_IN} (ENABLE_WAIT_FOR_HOST)`,
  persistent_lobby: `${BUILT_IN}: a lobby waits for the host, and kept rooms keep theirs`,
  polls: `${BUILT_IN} (DISABLE_POLLS)`,
  polls_component: `${BUILT_IN} (DISABLE_POLLS)`,
  poltergeist_component: 'has no equivalent: current clients do not use it',
  presence_identity: BUILT_IN,
  presence_metrics: 'has an equivalent in /metrics (docs/monitoring.md)',
  prometheus: 'has an equivalent in /metrics (docs/monitoring.md)',
  rate_limit: `${BUILT_IN} (PROSODY_RATE_LIMIT_LOGIN_RATE)`,
  reservations: `${BUILT_IN} (PROSODY_RESERVATION_ENABLED)`,
  room_destroy: 'has an equivalent in the admin API (docs/admin-api.md)',
  room_metadata: BUILT_IN,
  room_metadata_component: BUILT_IN,
  roster_command: 'is not needed: the parts share one process',
  s2s_whitelist: 'is not needed: this server speaks to no other',
  s2sout_override: 'is not needed: this server speaks to no other',
  s2soutinjection: 'is not needed: this server speaks to no other',
  secure_interfaces: 'is not needed: the parts share one process',
  shadow_ban: 'has no equivalent: who is banned learns it',
  short_lived_token: 'has no equivalent: there is no service here that such tokens would open',
  smacks: BUILT_IN,
  speakerstats: BUILT_IN,
  speakerstats_component: BUILT_IN,
  system_chat_message: 'has an equivalent in the admin API (docs/admin-api.md)',
  token_affiliation: 'is built in: context.user.affiliation and moderator count (docs/access.md)',
  token_verification: `${BUILT_IN} (AUTH_TYPE=jwt, docs/access.md)`,
  turncredentials: `${BUILT_IN} (TURN_CREDENTIALS)`,
  turncredentials_http: 'is replaced by XEP-0215 over XMPP (TURN_CREDENTIALS)',
  visitors: `${BUILT_IN} (ENABLE_VISITORS)`,
  visitors_component: `${BUILT_IN} (ENABLE_VISITORS)`,
  websocket: BUILT_IN,
};

/** What does the work of a Prosody module here, as the end of a sentence; undefined for an unknown one. */
export function equivalentOf(name: string): string | undefined {
  const plain = name.replace(/^mod_/, '');
  return Object.hasOwn(EQUIVALENTS, plain) ? EQUIVALENTS[plain] : undefined;
}

const FILE_HEAD = `# Jitsi's modules for Prosody

What does the work of each module of \`resources/prosody-plugins\` (August 2026), and of the modules of Prosody itself that Jitsi's settings name. This page is written from
\`server/src/plugins/prosody-modules.ts\`; a name in \`XMPP_MODULES\` or \`XMPP_MUC_MODULES\` that is here is answered with the same words at the start.

| module | here |
|---|---|
`;

/** The page docs/prosody-modules.md. */
export function prosodyModulesPage(): string {
  const rows = Object.entries(EQUIVALENTS).map(([name, words]) => `| \`${name}\` | ${words} |\n`);
  return FILE_HEAD + rows.join('');
}
