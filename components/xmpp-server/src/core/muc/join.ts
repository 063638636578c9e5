/**
 * Entering a room (XEP-0045 §7.2): gates, then presence of the others, own presence, and the news to
 * the others, in this order.
 */
import { type XmlNode, xml } from '@conclave/protocols/xml';
import { NS, type Role, type StanzaError, stanzaErrorToXml } from '@conclave/protocols/xmpp';
import { PreparedStanza } from '../prepared-stanza.ts';
import { listAffiliation } from './affiliation-list.ts';
import { refuseEntry } from './entry-rights.ts';
import { type FocusWait, NO_ROOM } from './focus-wait.ts';
import type { JoinAttempt, JoinEvent } from './hooks.ts';
import { Occupant } from './occupant.ts';
import {
  broadcastPresence,
  isVisible,
  presenceForOthers,
  presenceForSelf,
  sanitisePresence,
} from './occupant-presence.ts';
import type { Room } from './room.ts';
import type { Rooms } from './rooms.ts';

/** Runs the gates for `attempt` and lets it in, refuses it, or leaves it waiting. */
export function join(rooms: Rooms, focusWait: FocusWait | undefined, attempt: JoinAttempt): void {
  const { sender, to } = attempt;
  const closed = refuseEntry(rooms, attempt);
  if (closed !== undefined) {
    refuseJoin(rooms, attempt, closed);
    return;
  }
  let room = rooms.find(to.bare);
  const isNew = room === undefined;
  if (room === undefined) {
    const error = rooms.hooks.roomMissing.run(attempt);
    if (error !== undefined) {
      refuseJoin(rooms, attempt, error);
      return;
    }
    if (!rooms.isOwnerDomain(sender.jid.domain)) {
      // Rooms are made by the focus; whoever is earlier waits for it.
      const refusal = focusWait === undefined ? NO_ROOM : focusWait.add(attempt);
      if (refusal !== undefined) refuseJoin(rooms, attempt, refusal);
      return;
    }
    room = rooms.create(to.withResource(''));
  }
  const event: JoinEvent = { attempt, room, affiliation: room.affiliationOf(sender.jid.bare) };
  const verdict = rooms.hooks.preJoin.run(event);
  if (verdict?.type === 'refuse') {
    refuseJoin(rooms, attempt, verdict.error, verdict.children);
    rooms.endIfEmpty(room);
    return;
  }
  if (verdict?.type === 'wait') return;
  const { bare } = sender.jid;
  if (event.affiliation === 'member') listAffiliation(rooms, room, bare, 'member');
  else if (event.affiliation !== 'none') room.affiliations.set(bare, event.affiliation);
  const payload = sanitisePresence(attempt.presence);
  const role = event.isVisitor === true ? 'visitor' : roleFor(event.affiliation);
  const occupant = new Occupant(room, attempt.nick, sender, role, payload);
  occupant.isVisitor = event.isVisitor === true;
  admit(rooms, occupant, attempt, isNew);
}

/** The role that goes with an affiliation in a room everybody may speak in (XEP-0045 §5.1.2). */
export function roleFor(affiliation: string): Role {
  return affiliation === 'owner' || affiliation === 'admin' ? 'moderator' : 'participant';
}

export function refuseJoin(
  rooms: Rooms,
  attempt: JoinAttempt,
  error: StanzaError,
  children: readonly XmlNode[] = [],
): void {
  rooms.core.metrics.joinsRefused++;
  rooms.hooks.joinRefused.run({ attempt, error });
  const presence = xml(
    'presence',
    NS.client,
    { type: 'error', id: attempt.presence.attribute('id'), from: attempt.to.full },
    stanzaErrorToXml(error),
    ...children,
    xml('x', NS.muc),
  );
  attempt.sender.deliver(new PreparedStanza(presence));
}

/** A client in the room that says it joins has lost its view: it gets everything again. */
export function rejoin(rooms: Rooms, occupant: Occupant, attempt: JoinAttempt): void {
  occupant.payload = sanitisePresence(attempt.presence);
  occupant.presenceChanged();
  sendOccupants(rooms, occupant);
  rooms.hooks.beforeSelfPresence.run({ room: occupant.room, occupant });
  occupant.recipient.deliver(presenceForSelf(rooms, occupant, [100, 110]));
  occupant.room.broadcastPrepared(
    presenceForOthers(rooms, occupant),
    (viewer) => viewer !== occupant && isVisible(rooms, occupant, viewer),
  );
  rooms.hooks.occupantUpdated.run({ room: occupant.room, occupant });
}

function admit(rooms: Rooms, occupant: Occupant, attempt: JoinAttempt, isNew: boolean): void {
  const room: Room = occupant.room;
  rooms.core.metrics.joins++;
  rooms.enter(occupant);
  rooms.hooks.occupantAdmitted.run({ room, occupant });
  sendOccupants(rooms, occupant);
  rooms.hooks.beforeSelfPresence.run({ room, occupant });
  const codes = isNew ? [100, 110, 201] : [100, 110];
  occupant.recipient.deliver(presenceForSelf(rooms, occupant, codes));
  room.broadcastPrepared(
    presenceForOthers(rooms, occupant),
    (viewer) => viewer !== occupant && isVisible(rooms, occupant, viewer),
  );
  rooms.hooks.occupantJoined.run({ room, occupant, attempt });
}

function sendOccupants(rooms: Rooms, viewer: Occupant): void {
  for (const other of viewer.room.occupants.values()) {
    if (other === viewer || !isVisible(rooms, other, viewer)) continue;
    viewer.recipient.deliver(presenceForOthers(rooms, other));
  }
}

/** New payload of somebody who is in (XEP-0045 §7.7). */
export function updatePresence(rooms: Rooms, occupant: Occupant, attempt: JoinAttempt): void {
  occupant.payload = sanitisePresence(attempt.presence);
  occupant.presenceChanged();
  broadcastPresence(rooms, occupant);
  rooms.hooks.occupantUpdated.run({ room: occupant.room, occupant });
}
