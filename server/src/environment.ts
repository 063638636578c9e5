/** Reads the settings of this run from the environment and `.env`; explains and refuses wrong ones. */
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { StartError } from './errors.ts';
import {
  findUnknownNames,
  readSettings,
  type SettingProblem,
  type Settings,
} from './settings/index.ts';

export interface RunSettings {
  readonly settings: Settings;
  readonly warnings: readonly SettingProblem[];
  /** All variables, of the environment and of the file. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** `envFile` may be missing. Throws StartError `SETTINGS_INVALID` with a line for each problem. */
export function loadRunSettings(
  environment: Readonly<Record<string, string | undefined>>,
  envFile: string,
): RunSettings {
  const file = readEnvFile(envFile);
  const result = readSettings(environment, file);
  if ('problems' in result) {
    const lines = result.problems.map(({ message }) => `  ${message}`);
    throw new StartError(
      'SETTINGS_INVALID',
      `these settings are wrong (all settings: docs/settings.md):\n${lines.join('\n')}`,
    );
  }
  return {
    settings: result.settings,
    warnings: findUnknownNames(environment, file),
    environment: { ...file, ...environment },
  };
}

function readEnvFile(path: string): NodeJS.Dict<string> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new StartError('SETTINGS_FILE_UNREADABLE', `cannot read ${path}: ${String(error)}`, {
      cause: error,
    });
  }
  return parseEnv(text);
}
