/**
 * Settings read once more while the server runs (SIGHUP): secrets of tokens are replaced without a restart, so that no
 * call ends for it. What else has changed is named, and waits for a restart.
 */
import type { Logger } from '@conclave/base';
import { loadRunSettings } from './environment.ts';
import { SCHEMA, type SettingName, type Settings } from './settings/index.ts';

/** Those that count at once. */
const RELOADED: readonly SettingName[] = ['JWT_APP_SECRET', 'JWT_APP_SECRET_PREVIOUS'];

/** The settings as they are now with what may change; undefined, and the log says why, when they cannot be used. */
export function reloadSettings(
  running: Settings,
  environment: Readonly<Record<string, string | undefined>>,
  envFile: string,
  logger: Logger,
): Settings | undefined {
  let found: Settings;
  try {
    found = loadRunSettings(environment, envFile).settings;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    logger.error('settings.reload.failed', { message: `Nothing is changed: ${message}` });
    return undefined;
  }
  const changed = (Object.keys(SCHEMA) as SettingName[]).filter(
    (name) => JSON.stringify(found[name]) !== JSON.stringify(running[name]),
  );
  const names = changed.filter((name) => RELOADED.includes(name));
  const waiting = changed.filter((name) => !RELOADED.includes(name));
  logger.info('settings.reloaded', { names });
  if (waiting.length > 0) {
    const message = 'These settings have changed too, and count after a restart.';
    logger.warn('settings.restart.needed', { names: waiting, message });
  }
  const { JWT_APP_SECRET, JWT_APP_SECRET_PREVIOUS } = found;
  return { ...running, JWT_APP_SECRET, JWT_APP_SECRET_PREVIOUS };
}
