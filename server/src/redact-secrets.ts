/**
 * The last net under everything that is printed: secrets of the settings and tokens are taken out of
 * each line, should some error message have carried them along. Nothing is meant to be caught here.
 */
import { SCHEMA, type SettingName, type Settings } from './settings/index.ts';

const PLACE = '(secret)';
/** Shorter values would take ordinary words out of the log. */
const MIN_LENGTH = 6;
/** JSON Web Tokens, and what follows the names under which secrets travel in addresses. */
const TOKEN = /eyJ[\w-]{10,}(?:\.[\w-]*){1,4}/g;
const PARAMETER = /([?&#](?:jwt|token|code|password|client_secret)=)[^&\s"'\\]+/g;

export function createRedaction(settings: Settings): (line: string) => string {
  const secrets = new Set<string>();
  for (const name of Object.keys(SCHEMA) as SettingName[]) {
    const value: unknown = settings[name];
    if (!SCHEMA[name].isSecret || typeof value !== 'string' || value.length < MIN_LENGTH) continue;
    secrets.add(value);
    // As it stands in a line of JSON, and in an address.
    secrets.add(JSON.stringify(value).slice(1, -1));
    secrets.add(encodeURIComponent(value));
  }
  return (line) => {
    let out = line;
    for (const secret of secrets) out = out.replaceAll(secret, PLACE);
    return out.replace(TOKEN, '(token)').replace(PARAMETER, `$1${PLACE}`);
  };
}
