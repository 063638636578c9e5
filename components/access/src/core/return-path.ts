/**
 * Where a log-in leads back to: a page of this server and nothing else, whatever the link to the
 * log-in said (an open redirect would lend our name to somebody's trap).
 */

const MAX_LENGTH = 1024;
/** A placeholder; only the path of the result is used. */
const ORIGIN = 'https://host.invalid';

/** A path with query that begins with one slash; `/` for everything that is not one. */
export function safeReturnPath(wanted: string | null | undefined): string {
  if (typeof wanted !== 'string' || wanted.length > MAX_LENGTH) return '/';
  // Browsers read a backslash as a slash and drop tabs and line ends before they look.
  if (!/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(wanted) || !URL.canParse(wanted, ORIGIN)) return '/';
  const url = new URL(wanted, ORIGIN);
  if (url.origin !== ORIGIN || url.pathname.startsWith('//')) return '/';
  // Back to the log-in would be a loop.
  if (/^\/login(?:\/|$)/.test(url.pathname)) return '/';
  // An old token must not come before the new one.
  url.searchParams.delete('jwt');
  return `${url.pathname}${url.search}`;
}

/** The page of a room, from what Jitsi's clients put into `{room}` and `{state}` of `tokenAuthUrl`. */
export function roomReturnPath(room: string | null, state: string | null): string {
  const { tenant, room: stateRoom } = readState(state);
  const name = room ?? stateRoom;
  if (name === undefined || name === '' || name.length > MAX_LENGTH / 4) return '/';
  const prefix = tenant === undefined || tenant === '' ? '' : `/${encodeURIComponent(tenant)}`;
  return safeReturnPath(`${prefix}/${encodeURIComponent(name)}`);
}

function readState(state: string | null): { room?: string; tenant?: string } {
  if (state === null || state.length > 4096) return {};
  try {
    const value: unknown = JSON.parse(state);
    if (typeof value !== 'object' || value === null) return {};
    const { room, tenant } = value as Record<string, unknown>;
    return {
      ...(typeof room === 'string' && { room }),
      ...(typeof tenant === 'string' && tenant.length < 256 && { tenant }),
    };
  } catch {
    return {};
  }
}
