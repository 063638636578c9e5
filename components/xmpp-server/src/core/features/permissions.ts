/**
 * What people may do beyond being in the room (COMPAT: Jitsi's features): what the login says of them
 * counts; when it says nothing, moderators may and others may not. Clients learn it from their own
 * presence, to show or hide buttons.
 */
import { xml } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';
import type { Occupant } from '../muc/occupant.ts';
import type { Rooms } from '../muc/rooms.ts';

/** What moderators are told they may. */
const MODERATOR_PERMISSIONS = ['create-polls', 'send-groupchat'] as const;

export function isPermitted(
  { recipient, isModerator }: Occupant,
  feature: (typeof MODERATOR_PERMISSIONS)[number],
): boolean {
  const { features } = recipient.identity;
  return features === undefined ? isModerator : features[feature] === true;
}

export function addPermissions(rooms: Rooms): void {
  rooms.hooks.buildOccupantPresence.add(200, ({ occupant, children, isSelf }) => {
    const { identity } = occupant.recipient;
    if (!isSelf || !occupant.isModerator || identity.features !== undefined) return undefined;
    const entries = MODERATOR_PERMISSIONS.map((name) =>
      xml('p', NS.jitmeet, { name, val: 'true' }),
    );
    children.push(xml('permissions', NS.jitmeet, {}, ...entries));
    return undefined;
  });
}
