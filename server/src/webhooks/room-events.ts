/** What happens in rooms, as webhooks tell it (docs/webhooks.md). */
import { tenantOf } from '@conclave/protocols/xmpp';
import type { MucHooks, Occupant, Room, RoomKind } from '@conclave/xmpp-server';

export const WEBHOOK_EVENTS = [
  'room.created',
  'room.ended',
  'occupant.joined',
  'occupant.left',
  'occupant.role-changed',
] as const;

export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

export type Notify = (type: WebhookEvent, data: Readonly<Record<string, unknown>>) => void;

/** After everything else that takes part. */
const LAST = 20_000;

export interface RoomObservation {
  readonly kind: RoomKind;
  /** XMPP_MUC_DOMAIN, from whose like the tenant of a room is read. */
  readonly mucDomain: string;
  /** Tells the focus and other services from people. */
  readonly isService: (occupant: Occupant) => boolean;
}

export function observeRooms(
  hooks: MucHooks,
  { kind, mucDomain, isService }: RoomObservation,
  notify: Notify,
): void {
  const roles = new WeakMap<Occupant, string>();
  const about = (room: Room) => {
    const tenant = tenantOf(room.jid.domain, mucDomain) || null;
    return { room: roomToJson(room, kind, tenant) };
  };
  hooks.roomCreated.add(LAST, (room) => {
    notify('room.created', about(room));
    return undefined;
  });
  hooks.roomEnded.add(LAST, (room) => {
    notify('room.ended', about(room));
    return undefined;
  });
  hooks.occupantJoined.add(LAST, ({ room, occupant }) => {
    if (isService(occupant)) return undefined;
    roles.set(occupant, occupant.role);
    notify('occupant.joined', { ...about(room), occupant: occupantToJson(occupant) });
    return undefined;
  });
  hooks.occupantLeft.add(LAST, ({ room, occupant, reason, actor }) => {
    if (isService(occupant)) return undefined;
    const by = actor === undefined ? {} : { actor: actor.nick };
    notify('occupant.left', { ...about(room), occupant: occupantToJson(occupant), reason, ...by });
    return undefined;
  });
  hooks.occupantUpdated.add(LAST, ({ room, occupant }) => {
    const before = roles.get(occupant);
    if (before === undefined || before === occupant.role) return undefined;
    roles.set(occupant, occupant.role);
    const data = { ...about(room), occupant: occupantToJson(occupant), before };
    notify('occupant.role-changed', data);
    return undefined;
  });
}

function roomToJson(room: Room, kind: RoomKind, tenant: string | null) {
  return {
    jid: room.jid.bare,
    name: room.jid.node,
    tenant,
    kind,
    meetingId: room.meetingId,
    createdAt: new Date(room.createdWallMs).toISOString(),
  };
}

function occupantToJson({ nick, realJid, role, recipient, payload }: Occupant) {
  const { user } = recipient.identity;
  const nickname = payload.find((child) => typeof child !== 'string' && child.name === 'nick');
  const displayName = typeof nickname === 'object' ? nickname.text.slice(0, 256) : user?.name;
  return {
    id: nick,
    jid: realJid.full,
    role,
    displayName: displayName ?? null,
    userId: user?.id ?? null,
  };
}
