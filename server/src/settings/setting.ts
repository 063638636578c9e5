/**
 * What one setting is: a name (docker-jitsi-meet's where it has one), a reader of its text, and what
 * the documents say about it. The kinds below are all the kinds there are.
 */
import { BlockList, isIP } from 'node:net';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/** The outcome of reading a text: a value, or what would have been right (`a whole number …`). */
export type Read<T> = { readonly value: T } | { readonly expected: string };

export interface Setting<T> {
  readonly group: string;
  /** One sentence for the operator. */
  readonly sentence: string;
  /** The type with unit and range, in words: `port, 1 to 65535`. */
  readonly kind: string;
  /** The default as it would be written in the environment; '' for none. */
  readonly defaultText: string;
  /** Never printed. */
  readonly isSecret: boolean;
  read(text: string): Read<T>;
}

interface Common {
  readonly group: string;
  readonly sentence: string;
}

function setting<T>(
  common: Common,
  kind: string,
  defaultText: string,
  read: (text: string) => Read<T>,
): Setting<T> {
  return { ...common, kind, defaultText, isSecret: false, read };
}

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

const DOMAIN =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** A DNS-like name, lower case afterwards. `default` may name another setting: `muc.XMPP_DOMAIN`. */
export function domain(options: Common & { default: string }): Setting<string> {
  return setting(options, 'domain name', options.default, (text) => {
    const value = text.toLowerCase();
    return DOMAIN.test(value)
      ? { value }
      : { expected: 'a domain name: letters, digits, "-" and ".", such as meet.example.com' };
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

export function ipAddress(options: Common & { default: string }): Setting<string> {
  return setting(options, 'IP address', options.default, (text) =>
    isIP(text) === 0
      ? { expected: 'an IPv4 or IPv6 address, such as 192.0.2.1, 0.0.0.0 (all) or ::' }
      : { value: text },
  );
}

const MAX_LIST = 32;
const MAX_SECRET = 1024;

const COMMAS = { pattern: /,/, word: 'commas' };

function list<T>(
  options: Common,
  kind: string,
  each: string,
  readOne: (text: string) => T | undefined,
  separator: { readonly pattern: RegExp; readonly word: string } = COMMAS,
): Setting<readonly T[]> {
  return setting(options, kind, '', (text) => {
    const parts = text.split(separator.pattern).map((part) => part.trim());
    const values: T[] = [];
    for (const part of parts) {
      if (part === '') continue;
      const value = readOne(part);
      if (value === undefined || values.length === MAX_LIST) {
        return { expected: `${each}, separated by ${separator.word}, at most ${MAX_LIST}` };
      }
      values.push(value);
    }
    return { value: values };
  });
}

export interface AddressAndPort {
  readonly address: string;
  /** Undefined: the port of JVB_PORT. */
  readonly port: number | undefined;
}

/** docker-jitsi-meet's form: `192.0.2.1,198.51.100.7#10001`. */
export function addressList(options: Common): Setting<readonly AddressAndPort[]> {
  const each = 'IP addresses, each with "#port" if it differs from JVB_PORT';
  return list(options, 'IP addresses with optional "#port", comma-separated', each, (text) => {
    const [address = '', portText, ...more] = text.split('#');
    if (isIP(address) === 0 || more.length > 0) return undefined;
    if (portText === undefined) return { address, port: undefined };
    const port = /^\d{1,5}$/.test(portText) ? Number(portText) : 0;
    return port >= 1 && port <= 65535 ? { address, port } : undefined;
  });
}

/** `host:port`, as STUN servers are written in docker-jitsi-meet. */
export function hostPortList(options: Common): Setting<readonly string[]> {
  return list(options, 'host:port, comma-separated', 'host:port', (text) => {
    const [, host = '', portText = ''] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
    const ok =
      DOMAIN.test(host.toLowerCase()) && Number(portText) >= 1 && Number(portText) <= 65535;
    return ok ? text.toLowerCase() : undefined;
  });
}

/** Host names or IP addresses. */
export function hostList(options: Common): Setting<readonly string[]> {
  return list(options, 'host names, comma-separated', 'host names or IP addresses', (text) => {
    const host = text.toLowerCase();
    return DOMAIN.test(host) || isIP(host) !== 0 ? host : undefined;
  });
}

/** IP addresses and ranges of them (`192.0.2.0/24`). */
export function rangeList(options: Common & { default?: string }): Setting<BlockList> {
  const kind = 'IP addresses and ranges (192.0.2.0/24), comma-separated';
  return setting(options, kind, options.default ?? '', (text) => {
    const ranges = new BlockList();
    for (const part of text.split(',').map((each) => each.trim())) {
      if (part === '') continue;
      const [, address = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(part) ?? [];
      const version = isIP(address);
      const bits = version === 6 ? 128 : 32;
      const prefix = length === undefined ? bits : Number(length);
      if (version === 0 || prefix > bits) return { expected: kind };
      ranges.addSubnet(address, prefix, version === 6 ? 'ipv6' : 'ipv4');
    }
    return { value: ranges };
  });
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
    text.length <= MAX_SECRET ? { value: text } : { expected: `at most ${MAX_SECRET} characters` },
  );
  return { ...made, isSecret: true };
}

/** A short text without line breaks; '' for none. */
export function text(options: Common & { default?: string }): Setting<string> {
  return setting(options, 'text', options.default ?? '', (value) =>
    value.length <= MAX_SECRET && !/[\r\n\0]/.test(value)
      ? { value }
      : { expected: `one line of at most ${MAX_SECRET} characters` },
  );
}

/** An `https:` or `http:` URL of a host, without path; undefined when not set. */
export function origin(options: Common): Setting<URL | undefined> {
  const expected =
    'a URL with scheme and host and nothing after it, such as https://meet.example.com or https://meet.example.com:8443';
  return setting(options, 'URL', '', (text) => {
    if (text === '') return { value: undefined };
    // docker-jitsi-meet accepts a bare host name, so people have that in their files.
    const full = /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`;
    const url = URL.canParse(full) ? new URL(full) : undefined;
    const isPlain =
      url !== undefined &&
      (url.protocol === 'https:' || url.protocol === 'http:') &&
      url.pathname === '/' &&
      url.search === '' &&
      url.hash === '' &&
      url.username === '' &&
      url.password === '';
    return isPlain ? { value: url } : { expected };
  });
}

/** An `https:` or `http:` URL of a document or folder; undefined when not set. */
export function url(options: Common): Setting<URL | undefined> {
  const expected = 'a complete URL without user name, such as https://keys.example.com/asap';
  return setting(options, 'URL', '', (text) => {
    if (text === '') return { value: undefined };
    const value = httpUrl(text);
    return value === undefined ? { expected } : { value };
  });
}

/** Complete `https:` or `http:` URLs. */
export function urlList(options: Common): Setting<readonly URL[]> {
  const each = 'complete URLs without user name and password';
  return list(options, 'URLs, comma-separated', each, httpUrl);
}

/** Undefined also with a user name or password: nobody who asks there would send them. */
function httpUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isGood =
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    url.username === '' &&
    url.password === '';
  return isGood ? url : undefined;
}

/** Words without white space. */
export function textList(options: Common): Setting<readonly string[]> {
  return list(options, 'texts, comma-separated', 'texts without spaces', (text) =>
    text.length <= MAX_SECRET && !/\s/.test(text) ? text : undefined,
  );
}

/** Servers of a directory, in the order in which they are asked; as saslauthd separates them. */
export function ldapUrlList(options: Common): Setting<readonly string[]> {
  const each = 'ldap:// or ldaps:// URLs with a host name and perhaps a port, nothing after it';
  const separator = { pattern: /[\s,]+/, word: 'spaces' };
  const read = (text: string) => {
    const [, scheme = '', host = '', port = ''] =
      /^(ldaps?):\/\/([^/:@?#[\]]+)(:\d{1,5})?\/?$/i.exec(text) ?? [];
    const isHost = DOMAIN.test(host.toLowerCase()) || isIP(host) === 4;
    return isHost ? `${scheme.toLowerCase()}://${host.toLowerCase()}${port}` : undefined;
  };
  return list(options, 'ldap:// or ldaps:// URLs, separated by spaces', each, read, separator);
}

/** Names in a directory (RFC 4514), which hold commas themselves. */
export function dnList(options: Common): Setting<readonly string[]> {
  const each = 'DNs such as cn=teachers,ou=groups,dc=example,dc=com';
  const separator = { pattern: /;/, word: 'semicolons' };
  const read = (text: string) =>
    /^[\w.-]+=/.test(text) && text.length <= MAX_SECRET ? text : undefined;
  return list(options, 'DNs, separated by semicolons', each, read, separator);
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
