/** Settings: one schema, read once at the start. */
export { findWarnings } from './find-warnings.ts';
export { type ReadSettings, readSettings, type SettingProblem } from './read-settings.ts';
export { SCHEMA, type SettingName, type Settings } from './schema.ts';
export type { AddressAndPort } from './setting.ts';
export { findUnknownNames, type NameWarning } from './unknown-names.ts';
