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

/**
 * Without an authenticator everybody may ask. `domain` is the one that a login would be to,
 * `entryRoomOf`: whose rules count for a room.
 */
export function gateConferenceRequests(
  authenticator: Authenticator | undefined,
  domain: string,
  entryRoomOf: (room: Jid) => Jid,
  request: (body: unknown, remoteAddress: string) => Promise<ConferenceAnswer>,
): RequestConference {
  if (authenticator === undefined) return request;
  let checks = 0;
  return async (body, remoteAddress, token) => {
    if (checks >= MAX_CHECKS) return { status: 503, json: { message: 'too busy' } };
    checks++;
    const login = {
      mechanism: 'ANONYMOUS',
      domain,
      initialResponse: undefined,
      token,
      room: undefined,
      remoteAddress,
    } as const;
    const result = await authenticator.authenticate(login).finally(() => checks--);
    if (result.type === 'challenge') return { status: 403, json: { message: 'log in first' } };
    if (result.type === 'refused') {
      return { status: 403, json: { message: result.text ?? 'log in first' } };
    }
    const text = (body as { readonly room?: unknown } | null)?.room;
    const room = typeof text === 'string' ? parseJid(text) : undefined;
    const refusal = room === undefined ? undefined : result.identity.refuseRoom(entryRoomOf(room));
    if (refusal !== undefined) return { status: 403, json: { message: refusal.text } };
    return request(body, remoteAddress);
  };
}
