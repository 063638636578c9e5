/** The server's `config.js` assigns a global `config`; this is the part of it that the web client honours. */

import type { LogInTemplate } from '../log-in/log-in-methods.ts';

export interface WebConfig {
  readonly domain: string;
  /** Where people without an account connect; undefined when they connect to `domain`, or may not come at all. */
  readonly guestDomain: string | undefined;
  /** Whether the address brought a token along. */
  readonly hasToken: boolean;
  readonly passwordLogIn: boolean;
  readonly logInTemplates: readonly LogInTemplate[];
  readonly mucDomain: string;
  readonly focusAddress: string;
  /** `wss:`, with the token of whoever has one. */
  readonly serviceUrl: string;
  readonly prejoinEnabled: boolean;
  readonly ssrcRewriting: boolean;
  readonly startWithAudioMuted: boolean;
  readonly startWithVideoMuted: boolean;
  /** From the address (`#userInfo.displayName="…"`), else undefined. */
  readonly displayName: string | undefined;
}

const MAX_LOG_IN_METHODS = 20;

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Record<string, unknown>)[name];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * Settings in the address, `#config.x=y&userInfo.z="…"`: only those named here are honoured, values are JSON or plain
 * text.
 */
export function readHash(hash: string): ReadonlyMap<string, unknown> {
  const settings = new Map<string, unknown>();
  for (const part of hash.replace(/^#/, '').split('&').slice(0, 100)) {
    const equals = part.indexOf('=');
    if (equals < 0) continue;
    let raw = part.slice(equals + 1);
    try {
      raw = decodeURIComponent(raw);
      settings.set(part.slice(0, equals), JSON.parse(raw));
    } catch {
      settings.set(part.slice(0, equals), raw);
    }
  }
  return settings;
}

/** The part of the page's address that is read. */
export interface PageAddress {
  readonly hash: string;
  readonly search: string;
}

/** Which ways to log in there are: `logInMethods` of our own servers, or Jitsi's `tokenAuthUrl` alone. */
function readLogIn(config: unknown): { password: boolean; templates: readonly LogInTemplate[] } {
  const methods = field(config, 'logInMethods');
  const tokenAuthUrl = text(field(config, 'tokenAuthUrl'));
  if (!Array.isArray(methods)) {
    return { password: false, templates: tokenAuthUrl ? [{ label: '', url: tokenAuthUrl }] : [] };
  }
  const known = methods.slice(0, MAX_LOG_IN_METHODS);
  const templates = known.flatMap((method): LogInTemplate[] => {
    const url = text(field(method, 'url'));
    return url === undefined ? [] : [{ label: text(field(method, 'label')) ?? '', url }];
  });
  return { password: known.some((method) => field(method, 'type') === 'password'), templates };
}

/** The service's URL with the token of the page's address (`?jwt=…` or `#jwt=…`), as Jitsi's links carry it. */
function withToken(serviceUrl: string, token: string | undefined): string {
  if (token === undefined || !URL.canParse(serviceUrl)) return serviceUrl;
  const url = new URL(serviceUrl);
  url.searchParams.set('token', token);
  return url.href;
}

/** Undefined when something needed is missing. */
export function readConfig(config: unknown, { hash, search }: PageAddress): WebConfig | undefined {
  const hosts = field(config, 'hosts');
  const domain = text(field(hosts, 'domain'));
  const mucDomain = text(field(hosts, 'muc'));
  const serviceUrl = text(field(config, 'websocket'));
  if (domain === undefined || mucDomain === undefined || serviceUrl === undefined) return undefined;
  if (!/^wss?:\/\//.test(serviceUrl)) return undefined;
  const override = readHash(hash);
  const token = text(new URLSearchParams(search).get('jwt')) ?? text(override.get('jwt'));
  const flag = (value: unknown, fallback: boolean) =>
    typeof value === 'boolean' ? value : fallback;
  const logIn = readLogIn(config);
  return {
    domain,
    guestDomain: text(field(hosts, 'anonymousdomain')),
    hasToken: token !== undefined,
    passwordLogIn: logIn.password,
    logInTemplates: logIn.templates,
    mucDomain,
    focusAddress: text(field(hosts, 'focus')) ?? `focus.${domain}`,
    serviceUrl: withToken(serviceUrl, token),
    ssrcRewriting: flag(
      override.get('config.flags.ssrcRewritingEnabled') ??
        field(field(config, 'flags'), 'ssrcRewritingEnabled'),
      true,
    ),
    prejoinEnabled: flag(
      override.get('config.prejoinConfig.enabled') ??
        field(override.get('config.prejoinConfig'), 'enabled') ??
        field(field(config, 'prejoinConfig'), 'enabled'),
      true,
    ),
    startWithAudioMuted: flag(
      override.get('config.startWithAudioMuted') ?? field(config, 'startWithAudioMuted'),
      false,
    ),
    startWithVideoMuted: flag(
      override.get('config.startWithVideoMuted') ?? field(config, 'startWithVideoMuted'),
      false,
    ),
    displayName: text(override.get('userInfo.displayName')),
  };
}
