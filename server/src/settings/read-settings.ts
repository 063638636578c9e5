/** Turns environment and `.env` into checked settings, or into one readable problem per wrong value. */
import { findAccessConflicts } from './access-conflicts.ts';
import { SCHEMA, type SettingName, type Settings } from './schema.ts';
import type { Setting } from './setting.ts';
import type { SettingProblem } from './setting-problem.ts';

export type ReadSettings =
  | { readonly settings: Settings }
  | { readonly problems: readonly SettingProblem[] };

type Variables = Readonly<Record<string, string | undefined>>;

/** Long values are cut in messages. */
const SHOWN_LENGTH = 80;

/** The environment wins over the file. An empty value counts as not set, as Docker's `NAME=` does. */
export function readSettings(environment: Variables, file: Variables = {}): ReadSettings {
  const values: Record<string, unknown> = {};
  const problems: SettingProblem[] = [];
  for (const [name, setting] of Object.entries<Setting<unknown>>(SCHEMA)) {
    const fromEnvironment = textOf(environment[name]);
    const text = fromEnvironment ?? textOf(file[name]);
    const where = fromEnvironment === undefined ? '.env' : 'the environment';
    const result = setting.read(text ?? expandDefault(setting.defaultText, values));
    if ('value' in result) values[name] = result.value;
    // A default that follows a wrong setting is wrong too, but only that setting is to be changed.
    else if (text !== undefined) {
      problems.push(problemOf(name, text, result.expected, setting, where));
    }
  }
  if (problems.length > 0) return { problems };
  const settings = Object.freeze(values) as Settings;
  const conflicts = findConflicts(settings);
  return conflicts.length > 0 ? { problems: conflicts } : { settings };
}

function textOf(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === '' ? undefined : trimmed;
}

/** `muc.XMPP_DOMAIN` follows XMPP_DOMAIN, which stands before it in the schema. */
function expandDefault(text: string, values: Readonly<Record<string, unknown>>): string {
  return text.replace(/[A-Z][A-Z0-9_]{4,}/g, (name) =>
    typeof values[name] === 'string' ? values[name] : name,
  );
}

function problemOf(
  name: string,
  text: string,
  expected: string,
  setting: Setting<unknown>,
  where: string,
): SettingProblem {
  const shown = setting.isSecret ? '(secret)' : JSON.stringify(shorten(withoutUserInfo(text)));
  const fallback =
    setting.defaultText === '' ? 'remove it' : `remove it to get ${setting.defaultText}`;
  return {
    name,
    message: `${name}=${shown} in ${where} cannot be used: expected ${expected}. Change it, or ${fallback}.`,
  };
}

/** What stands before the @ of a URL is nobody's business. */
function withoutUserInfo(text: string): string {
  return text.replace(/(:\/\/)[^/?#@\s]*@/g, '$1(secret)@');
}

function shorten(text: string): string {
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}

/** What is right alone but wrong together. */
function findConflicts(settings: Settings): SettingProblem[] {
  const problems: SettingProblem[] = [];
  if (!settings.DISABLE_HTTPS && settings.HTTP_PORT === settings.HTTPS_PORT) {
    problems.push({
      name: 'HTTP_PORT',
      message: `HTTP_PORT and HTTPS_PORT are both ${settings.HTTP_PORT}: expected two ports. Change one of them.`,
    });
  }
  const names: readonly SettingName[] = [
    'XMPP_DOMAIN',
    'XMPP_MUC_DOMAIN',
    'XMPP_GUEST_DOMAIN',
    'XMPP_AUTH_DOMAIN',
  ];
  for (const [index, name] of names.entries()) {
    const twin = names.slice(0, index).find((other) => settings[other] === settings[name]);
    if (twin !== undefined) {
      problems.push({
        name,
        message: `${name} and ${twin} are both "${String(settings[name])}": expected different domains. Remove ${name} to get its default.`,
      });
    }
  }
  return [...problems, ...findAccessConflicts(settings)];
}
