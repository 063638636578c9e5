/** Conference requests over HTTP come without a login, so each is checked as one would be. */
import { type Jid, parseJid } from '@conclave/protocols/xmpp';
import type { Authenticator } from '@conclave/xmpp-server';
import type { ConferenceAnswer } from './conference-requests.ts';

export type RequestConference = (
  body: unknown,
  remoteAddress: string,
  token: string | undefined,
) => Promise<ConferenceAnswer>;

/** Checks under way; more are turned away. */
const MAX_CHECKS = 100;

/** Where logins would be to: with a token, and without. */
export interface GateDomains {
  readonly domain: string;
  readonly guestDomain: string;
}

/**
 * Without an authenticator everybody may ask. `entryRoomOf`: whose rules count for a room. `request` is
 * told whether somebody proved nothing.
 */
export function gateConferenceRequests(
  authenticator: Authenticator | undefined,
  { domain, guestDomain }: GateDomains,
  entryRoomOf: (room: Jid) => Jid,
  request: (body: unknown, remoteAddress: string, isGuest: boolean) => Promise<ConferenceAnswer>,
): RequestConference {
  if (authenticator === undefined) return (body, address) => request(body, address, true);
  let checks = 0;
  return async (body, remoteAddress, token) => {
    if (checks >= MAX_CHECKS) return { status: 503, json: { error: 'too busy' } };
    checks++;
    const login = {
      mechanism: 'ANONYMOUS',
      domain: token === undefined ? guestDomain : domain,
      initialResponse: undefined,
      token,
      room: undefined,
      remoteAddress,
    } as const;
    const result = await authenticator.authenticate(login).finally(() => checks--);
    if (result.type === 'challenge') return { status: 403, json: { error: 'log in first' } };
    if (result.type === 'refused') {
      return { status: 403, json: { error: result.text ?? 'log in first' } };
    }
    const text = (body as { readonly room?: unknown } | null)?.room;
    const room = typeof text === 'string' ? parseJid(text) : undefined;
    const refusal = room === undefined ? undefined : result.identity.refuseRoom(entryRoomOf(room));
    if (refusal !== undefined) return { status: 403, json: { error: refusal.text } };
    return request(body, remoteAddress, !result.identity.isAuthenticated);
  };
}
