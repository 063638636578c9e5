/** Settings for who runs the server: admin API, webhooks, plugins, audit log. */
import { ipAddress, urlList } from './address-kinds.ts';
import { flag, integer, secret, textList } from './value-kinds.ts';

const group = 'Administration';

export const ADMINISTRATION_SETTINGS = {
  PRIVATE_ADDRESS: ipAddress({
    group,
    default: '127.0.0.1',
    sentence:
      'Address on which the private port listens; with another than a loopback address, keep strangers off it by other means.',
  }),
  ADMIN_API_ENABLED: flag({
    group,
    default: false,
    sentence:
      'The admin API on the private port, for programs and for "conclave rooms" (docs/admin-api.md); its secret is in CONFIG/admin-token.',
  }),
  WEBHOOK_URLS: urlList({
    group,
    sentence: 'Where events of rooms are sent to, signed (docs/webhooks.md).',
  }),
  WEBHOOK_SECRET: secret({
    group,
    sentence:
      'Key of the signatures: whsec_ and base64, or a text; without it one is made in CONFIG/webhook-secret.',
  }),
  WEBHOOK_EVENTS: textList({
    group,
    sentence: 'Only these events, such as room.created; all when empty.',
  }),
  XMPP_MODULES: textList({
    group,
    sentence:
      'Plugins for rooms of all kinds, from CONFIG/plugins, in this order (docs/plugins.md); modules of Prosody are reported.',
  }),
  XMPP_MUC_MODULES: textList({
    group,
    sentence: 'The same for conferences only.',
  }),
  XMPP_BREAKOUT_MUC_MODULES: textList({
    group,
    sentence: 'The same for breakout rooms only.',
  }),
  XMPP_LOBBY_MUC_MODULES: textList({
    group,
    sentence: 'The same for lobbies only.',
  }),
  AUDIT_LOG_ENABLED: flag({
    group,
    default: true,
    sentence:
      'Log-ins, refusals and what moderators and administrators do, in CONFIG/audit.log (docs/audit-log.md).',
  }),
  AUDIT_LOG_MAX_MB: integer({
    group,
    default: 10,
    min: 1,
    max: 10000,
    unit: 'of megabytes',
    sentence: 'Size at which that file is set aside and a new one is begun.',
  }),
  AUDIT_LOG_KEEP: integer({
    group,
    default: 5,
    min: 0,
    max: 1000,
    sentence: 'Files set aside that are kept.',
  }),
} as const;
