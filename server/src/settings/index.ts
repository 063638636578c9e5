/** Settings: one schema, read once at the start. */
export { type ReadSettings, readSettings, type SettingProblem } from './read-settings.ts';
export type { SettingName, Settings } from './schema.ts';
export type { AddressAndPort } from './setting.ts';
export { findUnknownNames, type NameWarning } from './unknown-names.ts';
