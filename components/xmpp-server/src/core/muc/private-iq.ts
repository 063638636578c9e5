/**
 * IQs between occupants (XEP-0045 §17.4): `from` becomes the sender's occupant JID, `to` the real
 * JID, the id stays. Results and errors come back the same way. Jingle travels here.
 */
import { iqResult, NS, readdress } from '@conclave/protocols/xmpp';
import { PreparedStanza } from '../prepared-stanza.ts';
import { refuse, type StanzaInput } from '../stanza-input.ts';
import type { Occupant } from './occupant.ts';
import type { Rooms } from './rooms.ts';

export function relayIq(rooms: Rooms, occupant: Occupant | undefined, input: StanzaInput): void {
  const { stanza, to, sender } = input;
  if (occupant === undefined) {
    refuse(rooms.core, input, { condition: 'not-acceptable' });
    return;
  }
  const target = occupant.room.occupants.get(to.resource);
  if (target === undefined) {
    refuse(rooms.core, input, { condition: 'item-not-found' });
    return;
  }
  const type = stanza.attribute('type');
  if (target === occupant && type === 'get' && stanza.child('ping', NS.ping) !== undefined) {
    // "Am I still in?" (XEP-0410 §3.3).
    sender.deliver(new PreparedStanza(iqResult(stanza)));
    return;
  }
  const error = rooms.hooks.occupantIq.run({ room: occupant.room, occupant, target, stanza });
  if (error !== undefined) {
    refuse(rooms.core, input, error);
    return;
  }
  target.recipient.deliver(
    new PreparedStanza(readdress(stanza, occupant.occupantJid, target.realJid.full)),
  );
}
