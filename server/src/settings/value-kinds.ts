/** The kinds of settings that are numbers, times, switches, choices and texts. */
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { type Common, list, MAX_TEXT, type Setting, setting } from './setting.ts';

export function integer(
  options: Common & { default: number; min: number; max: number; unit?: string; zero?: string },
): Setting<number> {
  const { min, max } = options;
  const unit = options.unit === undefined ? '' : ` ${options.unit}`;
  const zero = options.zero === undefined ? '' : `, 0 ${options.zero}`;
  const kind = `whole number${unit}, ${min} to ${max}${zero}`;
  return setting(options, kind, String(options.default), (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? { value } : { expected: `a ${kind}` };
  });
}

/** `default` is written as it is. */
export function decimal(
  options: Common & { default: string; min: number; max: number },
): Setting<number> {
  const { min, max } = options;
  const kind = `number, ${min} to ${max}`;
  return setting(options, kind, options.default, (text) => {
    const value = /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? { value } : { expected: `a ${kind}` };
  });
}

export function port(options: Common & { default: number }): Setting<number> {
  return setting(options, 'port, 1 to 65535', String(options.default), (text) => {
    const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    return value >= 1 && value <= 65535 ? { value } : { expected: 'a port number from 1 to 65535' };
  });
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const MAX_DURATION_MS = 366 * 86_400_000;

/** Milliseconds, from a number and a unit as in Jicofo's configuration (`24 hours`, `90m`). */
export function duration(options: Common & { default: string }): Setting<number> {
  const kind = 'time such as 90 seconds, 30m, 24 hours or 7d';
  return setting(options, kind, options.default, (text) => {
    const [, digits, word = ''] = /^(\d{1,9}) *([a-z]+)$/.exec(text.toLowerCase()) ?? [];
    const unit = UNIT_MS[/^(?:ms|milli)/.test(word) ? 'ms' : word.slice(0, 1)];
    const isUnit = /^(?:ms|millis(?:econds?)?|s|seconds?|m|minutes?|h|hours?|d|days?)$/.test(word);
    const value = Number(digits) * (unit ?? Number.NaN);
    return isUnit && value > 0 && value <= MAX_DURATION_MS
      ? { value }
      : { expected: `a ${kind}, at most a year` };
  });
}

const TRUE_WORDS = new Set(['1', 'true', 'yes', 'on']);
const FALSE_WORDS = new Set(['0', 'false', 'no', 'off']);

export function flag(options: Common & { default: boolean }): Setting<boolean> {
  return setting(options, 'switch, 1 or 0', options.default ? '1' : '0', (text) => {
    const word = text.toLowerCase();
    if (TRUE_WORDS.has(word)) return { value: true };
    if (FALSE_WORDS.has(word)) return { value: false };
    return { expected: '1 (or true) to switch it on, 0 (or false) to switch it off' };
  });
}

export function choice<const T extends string>(
  options: Common & { default: T; values: readonly T[] },
): Setting<T> {
  const kind = `one of ${options.values.join(', ')}`;
  return setting(options, kind, options.default, (text) => {
    const value = options.values.find((v) => v === text.toLowerCase());
    return value === undefined ? { expected: kind } : { value };
  });
}

/** One or several of `values`, each at most once, lower case. */
export function choices<const T extends string>(
  options: Common & { default: T; values: readonly T[] },
): Setting<readonly T[]> {
  const kind = `one of ${options.values.join(', ')}, or several, comma-separated`;
  return setting(options, kind, options.default, (text) => {
    const names = text.toLowerCase().split(/\s*,\s*/);
    const value = options.values.filter((known) => names.includes(known));
    return value.length === names.length ? { value } : { expected: kind };
  });
}

/** Absolute afterwards; `~/` is the home folder. */
export function folder(options: Common & { default: string }): Setting<string> {
  return setting(options, 'folder', options.default, (text) => {
    if (text.includes('\0')) return { expected: 'the path of a folder' };
    if (text === '~' || text.startsWith('~/')) return { value: join(homedir(), text.slice(1)) };
    return { value: isAbsolute(text) ? text : resolve(text) };
  });
}

/** Local part of an XMPP address (RFC 7622 §3.3), ASCII only. */
export function accountName(options: Common & { default: string }): Setting<string> {
  return setting(options, 'account name', options.default, (text) =>
    /^[a-z0-9._-]{1,64}$/i.test(text)
      ? { value: text.toLowerCase() }
      : { expected: 'a name of letters, digits, ".", "_" and "-"' },
  );
}

const RATE_UNITS: Readonly<Record<string, number>> = { b: 1, kb: 1_000, mb: 1_000_000 };

/** Bytes per second, in Prosody's form (`10kb/s`). */
export function byteRate(options: Common & { default: string }): Setting<number> {
  const kind = 'rate such as 10kb/s or 1mb/s';
  return setting(options, kind, options.default, (text) => {
    const [, digits, unit = ''] = /^(\d{1,6}) *(b|kb|mb)\/s$/i.exec(text) ?? [];
    const value = Number(digits) * (RATE_UNITS[unit.toLowerCase()] ?? Number.NaN);
    return value >= 1_000 && value <= 1e9 ? { value } : { expected: `a ${kind}, at least 1kb/s` };
  });
}

const MAX_STEPS = 16;

/** Jicofo's form: `{ "20": 200, "50": 500 }`, here people and ms. */
export function delaySteps(
  options: Common & { default: string },
): Setting<readonly { readonly participants: number; readonly delayMs: number }[]> {
  const kind = 'pairs of people and ms, such as {"20": 200, "50": 500}';
  return setting(options, kind, options.default, (text) => {
    const inner = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1];
    const parts = (inner ?? '').split(',').map((part) => part.trim());
    const steps = [];
    for (const part of parts) {
      if (part === '') continue;
      const [, people = '', ms = ''] = /^"?(\d{1,5})"?\s*[:=]\s*(\d{1,5})$/.exec(part) ?? [];
      if (ms === '' || steps.length === MAX_STEPS) return { expected: kind };
      steps.push({ participants: Number(people), delayMs: Number(ms) });
    }
    if (inner === undefined) return { expected: kind };
    return { value: steps.sort((a, b) => a.participants - b.participants) };
  });
}

/** Never shown in messages or documents; '' for none. */
export function secret(options: Common): Setting<string> {
  const made = setting(options, 'secret text', '', (text) =>
    text.length <= MAX_TEXT ? { value: text } : { expected: `at most ${MAX_TEXT} characters` },
  );
  return { ...made, isSecret: true };
}

/** A short text without line breaks; '' for none. */
export function text(options: Common & { default?: string }): Setting<string> {
  return setting(options, 'text', options.default ?? '', (value) =>
    value.length <= MAX_TEXT && !/[\r\n\0]/.test(value)
      ? { value }
      : { expected: `one line of at most ${MAX_TEXT} characters` },
  );
}

/** Words without white space. */
export function textList(options: Common): Setting<readonly string[]> {
  return list(options, 'texts, comma-separated', 'texts without spaces', (text) =>
    text.length <= MAX_TEXT && !/\s/.test(text) ? text : undefined,
  );
}

/** docker-jitsi-meet's form, `["VP9", "VP8"]`, or with commas; each of `values` at most once, upper case. */
export function order<const T extends string>(
  options: Common & { default: readonly T[]; values: readonly T[] },
): Setting<readonly T[]> {
  const kind = `order of ${options.values.join(', ')}, comma-separated`;
  return setting(options, kind, options.default.join(','), (text) => {
    const names = text
      .replace(/[[\]"'\s]/g, '')
      .toUpperCase()
      .split(',');
    const value = options.values.filter((known) => names.includes(known));
    if (value.length !== names.length) return { expected: kind };
    return { value: value.sort((a, b) => names.indexOf(a) - names.indexOf(b)) };
  });
}

/** A name of the IANA time zone database. */
export function timeZone(options: Common & { default: string }): Setting<string> {
  return setting(options, 'time zone', options.default, (text) => {
    try {
      new Intl.DateTimeFormat('en', { timeZone: text });
      return { value: text };
    } catch {
      return { expected: 'a time zone such as Europe/Amsterdam or UTC' };
    }
  });
}
