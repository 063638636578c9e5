/**
 * The token of a log-in on the server's own page. It comes behind the # of the address and is taken
 * out of it, so that a link which is passed on holds none; a reload asks the server for it again.
 */
import type { PageAddress } from '../config/read-config.ts';

export interface TokenPage {
  readonly location: PageAddress & { readonly pathname: string };
  readonly history: { replaceState(data: unknown, unused: string, url: string): void };
  fetch(path: string, options: RequestInit): Promise<Response>;
}

/** Longer than any good answer takes; then the page opens without. */
const TIMEOUT_MS = 3_000;

/** The address as it came, with the token of an earlier log-in when it holds none and `asks`. */
export async function addressWithToken(page: TokenPage, asks: boolean): Promise<PageAddress> {
  const { hash, search, pathname } = page.location;
  const parts = new URLSearchParams(hash.replace(/^#/, ''));
  if (parts.has('jwt')) {
    const rest = hash
      .replace(/^#/, '')
      .split('&')
      .filter((part) => !part.startsWith('jwt='));
    const kept = rest.length > 0 ? `#${rest.join('&')}` : '';
    page.history.replaceState(null, '', `${pathname}${search}${kept}`);
    return { hash, search };
  }
  if (!asks || new URLSearchParams(search).has('jwt')) return { hash, search };
  const token = await askToken(page);
  if (token === undefined) return { hash, search };
  return { hash: `${hash === '' ? '#' : `${hash}&`}jwt=${token}`, search };
}

async function askToken(page: TokenPage): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await page.fetch('/login/session', { method: 'POST', signal });
    if (!response.ok) return undefined;
    const { token } = (await response.json()) as { readonly token?: unknown };
    return typeof token === 'string' && /^[\w.-]+$/.test(token) ? token : undefined;
  } catch {
    return undefined; // Without it there is still the log-in.
  }
}
