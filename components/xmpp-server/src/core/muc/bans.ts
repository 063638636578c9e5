/**
 * Bans that hold: a guest gets a new JID with each connection, so whoever was banned is known again by
 * the account or token of the login, and by network address where the options say so. As long as the
 * ban is on the room's list (XEP-0045 §9.1); taking it off there lifts it.
 */
import { loginOf } from '../identity.ts';
import { JOIN_ORDER } from './hooks.ts';
import type { Room } from './room.ts';
import type { Rooms } from './rooms.ts';

interface Ban {
  /** As on the room's list. */
  readonly bareJid: string;
  readonly login: string | undefined;
  readonly address: string | undefined;
}

/** Of one room; the oldest is forgotten first. */
const MAX_BANS = 1_000;

export function addBans(rooms: Rooms): void {
  const { hooks, core } = rooms;
  const bans = new WeakMap<Room, Ban[]>();
  hooks.occupantLeft.add(50, ({ room, occupant, reason }) => {
    if (reason !== 'banned') return undefined;
    const { identity, remoteAddress } = occupant.recipient;
    const login = loginOf(identity);
    const list = bans.get(room) ?? [];
    list.push({
      bareJid: occupant.realJid.bare,
      login,
      // Who logged in is known by that; others may share the address.
      address: core.options.bansAddresses && login === undefined ? remoteAddress : undefined,
    });
    bans.set(room, list.slice(-MAX_BANS));
    return undefined;
  });
  hooks.preJoin.add(JOIN_ORDER.ban + 1, ({ room, attempt }) => {
    const list = bans.get(room);
    if (list === undefined || attempt.sender.isComponent) return undefined;
    const { identity, remoteAddress } = attempt.sender;
    const login = loginOf(identity);
    const isBanned = list.some(
      (ban) =>
        room.affiliationOf(ban.bareJid) === 'outcast' &&
        (login === undefined
          ? ban.address !== undefined && ban.address === remoteAddress
          : ban.login === login),
    );
    return isBanned ? { type: 'refuse', error: { condition: 'forbidden' } } : undefined;
  });
}
