/** Settings: one schema, read once at the start. */

export type { AddressAndPort } from './address-kinds.ts';
export { findWarnings } from './find-warnings.ts';
export { type ReadSettings, readSettings } from './read-settings.ts';
export { SCHEMA, type SettingName, type Settings } from './schema.ts';
export type { SettingProblem } from './setting-problem.ts';
export { findUnknownNames } from './unknown-names.ts';
