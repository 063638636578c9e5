/**
 * What people may do beyond being in the room (COMPAT: Jitsi's features): what the login says of them
 * counts; when it says nothing, moderators may and others may not. Clients learn it from their own
 * presence, to show or hide buttons.
 */
import { xml } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';
import type { Occupant } from '../muc/occupant.ts';
import type { Rooms } from '../muc/rooms.ts';

/** Jitsi's names. */
export type Permission =
  | 'create-polls'
  | 'file-upload'
  | 'flip'
  | 'live-translation'
  | 'livestreaming'
  | 'outbound-call'
  | 'recording'
  | 'send-groupchat'
  | 'sip-outbound-call'
  | 'transcription';

/** What moderators are told they may: of that which there is on this server. */
const MODERATOR_PERMISSIONS: readonly Permission[] = ['create-polls', 'send-groupchat'];

export function isPermitted({ recipient, isModerator }: Occupant, permission: Permission): boolean {
  const { features } = recipient.identity;
  return features === undefined ? isModerator : features[permission] === true;
}

export function addPermissions(rooms: Rooms): void {
  rooms.hooks.buildOccupantPresence.add(200, ({ occupant, children, isSelf }) => {
    if (!isSelf) return undefined;
    const told = permissionsOf(occupant);
    if (told.length === 0) return undefined;
    const entries = told.map(([name, isGiven]) =>
      xml('p', NS.jitmeet, { name, val: String(isGiven) }),
    );
    children.push(xml('permissions', NS.jitmeet, {}, ...entries));
    return undefined;
  });
}

/** All that the login says, or else what moderators may. */
function permissionsOf({ recipient, isModerator }: Occupant): readonly [string, boolean][] {
  const { features } = recipient.identity;
  if (features !== undefined) return Object.entries(features);
  return isModerator ? MODERATOR_PERMISSIONS.map((name) => [name, true]) : [];
}
