/**
 * What our login lets us do, as the room says in our own presence (COMPAT: Jitsi's `permissions`). It enforces it; here it
 * is for showing or hiding buttons.
 */
import type { XmlElement } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';

/** By Jitsi's names, `screen-sharing` and the like; what is not named is as the room has it for everybody. */
export type Permissions = ReadonlyMap<string, boolean>;

export const NO_PERMISSIONS: Permissions = new Map();

const MAX_PERMISSIONS = 100;

export function permissionsFromPresence(presence: XmlElement): Permissions {
  const permissions = new Map<string, boolean>();
  for (const entry of presence.child('permissions', NS.jitmeet)?.elements() ?? []) {
    const name = entry.attribute('name') ?? '';
    if (name === '' || permissions.size === MAX_PERMISSIONS) continue;
    permissions.set(name, entry.attribute('val') === 'true');
  }
  return permissions;
}
