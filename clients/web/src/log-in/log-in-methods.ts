/** The ways to say who one is that the server's config.js names, made ready for one room. */
import { tenantFromPath } from '../welcome/room-names.ts';

/** One page elsewhere. */
export interface LogInLink {
  /** Of the organisation; empty when the server does not name it. */
  readonly label: string;
  readonly href: string;
}

export interface LogInMethods {
  /** A user name and a password of this server. */
  readonly password: boolean;
  readonly links: readonly LogInLink[];
}

/** As config.js gives it: `url` may hold `{room}` and `{state}` (COMPAT: Jitsi's `tokenAuthUrl`). */
export interface LogInTemplate {
  readonly label: string;
  readonly url: string;
}

/** @param templates those that do not lead to a web page are left out */
export function logInMethods(
  password: boolean,
  templates: readonly LogInTemplate[],
  roomName: string,
  pageUrl: string,
): LogInMethods {
  const tenant = URL.canParse(pageUrl) ? tenantFromPath(new URL(pageUrl).pathname) : '';
  const links = templates.flatMap(({ label, url }) => {
    const state = JSON.stringify({ room: roomName, roomSafe: roomName, tenant });
    const filled = url
      .replaceAll('{room}', encodeURIComponent(roomName))
      .replaceAll('{state}', encodeURIComponent(state));
    if (!URL.canParse(filled, pageUrl)) return [];
    const { href, protocol } = new URL(filled, pageUrl);
    return protocol === 'https:' || protocol === 'http:' ? [{ label, href }] : [];
  });
  return { password, links };
}
