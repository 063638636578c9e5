/**
 * What the login of a client means in a room: whether it may enter, whether it leads, and what the
 * others are told about it (docs: protocol-signaling 5.3, 5.5, 8.3).
 */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { NS, type StanzaError } from '@conclave/protocols/xmpp';
import type { Identity } from '../identity.ts';
import { JOIN_ORDER, type JoinAttempt } from './hooks.ts';
import type { Rooms } from './rooms.ts';

/** Asked before anything else, so that nobody waits for a room that is closed to them. */
export function refuseEntry(rooms: Rooms, { sender, to }: JoinAttempt): StanzaError | undefined {
  if (sender.isComponent) return undefined;
  return sender.identity.refuseRoom(rooms.entryRoomOf(to.withResource('')));
}

export function addEntryRights(rooms: Rooms): void {
  rooms.hooks.preJoin.add(JOIN_ORDER.rights, (event) => {
    const { isModerator } = event.attempt.sender.identity;
    if (isModerator === true && event.affiliation !== 'outcast') event.affiliation = 'owner';
    return undefined;
  });
  rooms.hooks.buildOccupantPresence.add(100, ({ occupant, children }) => {
    const element = identityToXml(occupant.recipient.identity);
    if (element !== undefined) children.push(element);
    return undefined;
  });
}

/** In the namespace of the presence: clients look for plain `identity`. */
function identityToXml({ user, group }: Identity): XmlElement | undefined {
  if (user === undefined && group === undefined) return undefined;
  const child = (name: string, text: string | undefined) =>
    text === undefined ? undefined : xml(name, NS.client, {}, text);
  const about =
    user === undefined
      ? undefined
      : xml(
          'user',
          NS.client,
          {},
          child('id', user.id),
          child('name', user.name),
          child('avatar', user.avatar),
          child('email', user.email),
          child('hidden-from-recorder', user.hiddenFromRecorder === true ? 'true' : undefined),
        );
  return xml('identity', NS.client, {}, about, child('group', group));
}
