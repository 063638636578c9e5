/**
 * Every setting the server honours. Names, where docker-jitsi-meet has one, are its names, so an
 * existing `.env` works. env.example and docs/settings.md are generated from this table, in this order.
 */
import { ACCESS_SETTINGS } from './access-settings.ts';
import { ADDRESS_SETTINGS } from './address-settings.ts';
import { ADMINISTRATION_SETTINGS } from './administration-settings.ts';
import { CALL_SETTINGS } from './call-settings.ts';
import { CONFERENCE_SETTINGS } from './conference-settings.ts';
import { GENERAL_SETTINGS } from './general-settings.ts';
import { LDAP_SETTINGS } from './ldap-settings.ts';
import { MEDIA_SETTINGS } from './media-settings.ts';
import { OIDC_SETTINGS } from './oidc-settings.ts';
import { RELAY_SETTINGS } from './relay-settings.ts';
import type { Setting } from './setting.ts';
import { WEB_SETTINGS } from './web-settings.ts';

export const SCHEMA = {
  ...GENERAL_SETTINGS,
  ...ADMINISTRATION_SETTINGS,
  ...WEB_SETTINGS,
  ...MEDIA_SETTINGS,
  ...ADDRESS_SETTINGS,
  ...CONFERENCE_SETTINGS,
  ...CALL_SETTINGS,
  ...ACCESS_SETTINGS,
  ...LDAP_SETTINGS,
  ...OIDC_SETTINGS,
  ...RELAY_SETTINGS,
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

export type SettingName = keyof typeof SCHEMA;

type ValueOf<S> = S extends Setting<infer T> ? T : never;

/** The settings of a run: complete, checked, frozen. */
export type Settings = { readonly [K in SettingName]: ValueOf<(typeof SCHEMA)[K]> };
