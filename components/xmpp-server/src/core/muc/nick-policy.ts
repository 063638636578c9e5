/**
 * Which nick may be taken. Nicks are endpoint ids: they name sources, bridge endpoints and log
 * lines, so a client gets the one that belongs to its name (docs: mod_muc_resource_validate).
 */
import type { StanzaError } from '@conclave/protocols/xmpp';
import { JOIN_ORDER } from './hooks.ts';
import type { Rooms } from './rooms.ts';

/** The nick of the focus; Jingle from any other occupant is peer-to-peer to clients. */
export const FOCUS_NICK = 'focus';

/** What an endpoint id may be when it is not derived from the name. */
const ENDPOINT_ID = /^[0-9A-Za-z_-]{1,64}$/;

/** `isStrict` false: clients take any nick, as they do in lobbies, where it names no endpoint. */
export function addNickPolicy(rooms: Rooms, isStrict = rooms.core.options.strictNick): void {
  const { focusJid } = rooms.core.options;
  const refuse = (error: StanzaError) => ({ type: 'refuse', error }) as const;

  rooms.hooks.preJoin.add(JOIN_ORDER.nick, ({ attempt }) => {
    const { nick, sender } = attempt;
    if (nick === FOCUS_NICK && sender.jid.bare !== focusJid)
      return refuse({ condition: 'conflict' });
    if (sender.isComponent) return undefined;
    if (!ENDPOINT_ID.test(nick)) {
      return refuse({ condition: 'not-acceptable', text: 'Nick is no endpoint id' });
    }
    // The name of an account is no endpoint id, so its clients invent one (docs: endpoint id).
    if (sender.identity.account === sender.jid.node) return undefined;
    if (isStrict && nick !== sender.jid.node.slice(0, 8)) {
      return refuse({
        condition: 'not-allowed',
        text: 'Nick must be the first eight characters of the user name',
      });
    }
    return undefined;
  });

  rooms.hooks.preJoin.add(JOIN_ORDER.conflict, ({ attempt, room }) =>
    room.occupants.has(attempt.nick) ? refuse({ condition: 'conflict' }) : undefined,
  );
}
