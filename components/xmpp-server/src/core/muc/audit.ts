/** What moderators do and whom rooms refuse, for the audit log (docs/audit-log.md). */
import type { MucHooks } from './hooks.ts';
import type { Occupant } from './occupant.ts';
import type { Rooms } from './rooms.ts';

/** After everything else that takes part. */
const LAST = 10_000;

/** The actor of what the administrator of the server did. */
const ADMINISTRATOR = 'administrator';

/** `area` is the first part of the events' names: `room`, `lobby`. */
export function addAudit(rooms: Rooms, area: string): void {
  const { hooks, core } = rooms;
  addModeration(hooks, rooms, area);
  hooks.joinRefused.add(LAST, ({ attempt, error }) => {
    // Being sent to the lobby is how one enters a room that has one.
    if (error.condition === 'registration-required') return undefined;
    const { sender, to } = attempt;
    const reason = error.text ?? error.condition;
    const actor = sender.jid.full;
    core.audit.record({ event: `${area}.refused`, actor, room: to.bare, reason });
    return undefined;
  });
}

function addModeration(hooks: MucHooks, { core }: Rooms, area: string): void {
  hooks.occupantLeft.add(LAST, ({ room, occupant, reason, actor, text }) => {
    if (reason !== 'kicked' && reason !== 'banned') return undefined;
    core.audit.record({
      event: `${area}.${reason === 'kicked' ? 'kick' : 'ban'}`,
      actor: nameOf(actor),
      room: room.jid.bare,
      target: nameOf(occupant),
      ...(text !== undefined && { reason: text }),
    });
    return undefined;
  });
  hooks.moderated.add(LAST, ({ room, actor, action, target, value, reason }) => {
    core.audit.record({
      event: `${area}.${action}`,
      actor: nameOf(actor),
      room: room.jid.bare,
      ...(target !== undefined && { target }),
      ...(value !== undefined && { value }),
      ...(reason !== undefined && { reason }),
    });
    return undefined;
  });
}

/** The account if the login told one, and in any case the real address. */
function nameOf(occupant: Occupant | undefined): string {
  if (occupant === undefined) return ADMINISTRATOR;
  const { user } = occupant.recipient.identity;
  const account = user?.id ?? user?.name;
  const jid = occupant.realJid.full;
  return account === undefined ? jid : `${account} (${jid})`;
}
