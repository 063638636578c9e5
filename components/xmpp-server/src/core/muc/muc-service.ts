/** The MUC domain: sorts stanzas to rooms and occupants, and owns the list of modules in their order. */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { discoInfoToXml, iqPayload, type Jid, NS } from '@conclave/protocols/xmpp';
import type { CoreContext } from '../context.ts';
import type { Recipient } from '../recipient.ts';
import type { LocalService } from '../router.ts';
import { answer, refuse, type StanzaInput } from '../stanza-input.ts';
import { addAdmin } from './admin.ts';
import { addAffiliations } from './affiliations.ts';
import { addAudit } from './audit.ts';
import { addBans } from './bans.ts';
import { addEntryRights } from './entry-rights.ts';
import { FocusWait, NO_ROOM } from './focus-wait.ts';
import { addHistory } from './history.ts';
import { type JoinAttempt, MucHooks } from './hooks.ts';
import { join, refuseJoin, rejoin, updatePresence } from './join.ts';
import { addKeptRooms } from './kept-rooms.ts';
import { disconnect, leave } from './leave.ts';
import { addLoginRoomSettings } from './login-room-settings.ts';
import { addMembersOnly } from './members-only.ts';
import { handleMessage } from './messages.ts';
import { addNickPolicy } from './nick-policy.ts';
import { addOccupantLimit } from './occupant-limit.ts';
import { addOwnerForm } from './owner-form.ts';
import { addPassword } from './password.ts';
import { relayIq } from './private-iq.ts';
import { addRetractGuard } from './retract-guard.ts';
import { addRoomInfo } from './room-info.ts';
import { Rooms } from './rooms.ts';
import { addServiceGuard } from './service-guard.ts';
import { addSubject } from './subject.ts';

/** Conferences and breakout rooms are made by the focus; the rooms of a lobby by the conferences they belong to. */
export type RoomKind = 'conference' | 'breakout' | 'lobby';

export class MucService implements LocalService {
  readonly kind: RoomKind;
  readonly hooks = new MucHooks();
  readonly rooms: Rooms;
  readonly #core: CoreContext;
  readonly #focusWait: FocusWait | undefined;

  constructor(core: CoreContext, kind: RoomKind = 'conference') {
    this.#core = core;
    this.kind = kind;
    this.rooms = new Rooms(core, this.hooks);
    addNickPolicy(this.rooms, kind === 'lobby' ? false : core.options.strictNick);
    // A lobby has a limit of its own.
    if (kind !== 'lobby') addOccupantLimit(this.rooms);
    addEntryRights(this.rooms);
    addAffiliations(this.rooms);
    addAdmin(this.rooms);
    addBans(this.rooms);
    addAudit(this.rooms, kind === 'lobby' ? 'lobby' : 'room');
    if (kind === 'lobby') {
      this.hooks.roomMissing.add(100, () => NO_ROOM);
      return;
    }
    this.#focusWait = new FocusWait(
      this.rooms,
      (attempt) => this.#join(attempt),
      (attempt, error) => refuseJoin(this.rooms, attempt, error),
    );
    addMembersOnly(this.rooms);
    addPassword(this.rooms);
    addRoomInfo(this.rooms);
    addOwnerForm(this.rooms);
    addServiceGuard(this.rooms);
    addRetractGuard(this.rooms);
    addSubject(this.rooms);
    if (kind === 'conference') {
      addKeptRooms(this.rooms);
      addLoginRoomSettings(this.rooms);
    }
    addHistory(this.rooms);
  }

  handleStanza(input: StanzaInput): void {
    const { stanza, to } = input;
    if (to.node === '') {
      this.#handleServiceStanza(input);
      return;
    }
    switch (stanza.name) {
      case 'presence':
        this.#handlePresence(input);
        return;
      case 'message':
        this.#handleMessage(input);
        return;
      case 'iq':
        if (to.resource === '') this.#handleRoomIq(input);
        else relayIq(this.rooms, this.#occupantOf(to, input.sender), input);
        return;
    }
  }

  /** The session is over: it leaves everything. */
  handleSessionEnd(jid: Jid): void {
    this.#focusWait?.removeAll(jid.full);
    const { inputs, metrics, logger } = this.#core;
    for (const room of this.rooms.roomsOf(jid.full)) {
      // Each as its own input: a room that fails does not keep the session in the others.
      inputs.push(
        () => {
          const occupant = room.occupantOf(jid.full);
          if (occupant !== undefined) disconnect(this.rooms, occupant);
        },
        (error) => {
          metrics.internalErrors++;
          logger.error('muc.disconnect.failed', { room: room.jid.bare, error });
        },
      );
    }
  }

  /** Unavailable presence without an address: everywhere (RFC 6121 §4.5.2). */
  leaveAll(jid: Jid, presence: XmlElement): void {
    this.#focusWait?.removeAll(jid.full);
    for (const room of this.rooms.roomsOf(jid.full)) {
      const occupant = room.occupantOf(jid.full);
      if (occupant !== undefined) leave(this.rooms, occupant, presence);
    }
  }

  #occupantOf(to: Jid, sender: Recipient) {
    return this.rooms.find(to.bare)?.occupantOf(sender.jid.full);
  }

  #handlePresence(input: StanzaInput): void {
    const { stanza, to, sender } = input;
    const type = stanza.attribute('type');
    const occupant = this.#occupantOf(to, sender);
    if (type === 'unavailable') {
      this.#focusWait?.remove(to.bare, sender.jid.full);
      if (occupant !== undefined) leave(this.rooms, occupant, stanza);
      return;
    }
    // Errors are bounces; subscriptions and probes mean nothing to rooms.
    if (type !== undefined) {
      this.#core.metrics.stanzasDropped++;
      return;
    }
    const muc = stanza.child('x', NS.muc);
    if (to.resource === '') {
      refuse(this.#core, input, { condition: 'jid-malformed' });
    } else if (stanza.toString().length > this.#core.options.limits.maxPresenceLength) {
      refuse(this.#core, input, { condition: 'policy-violation', text: 'Presence is too long' });
    } else if (occupant !== undefined && occupant.nick !== to.resource) {
      // Nicks are endpoint ids and do not change.
      refuse(this.#core, input, { condition: 'not-acceptable' });
    } else if (occupant !== undefined) {
      const attempt = { to, nick: to.resource, presence: stanza, muc: muc ?? stanza, sender };
      if (muc === undefined) updatePresence(this.rooms, occupant, attempt);
      else rejoin(this.rooms, occupant, attempt);
    } else if (muc === undefined) {
      // An update of somebody who is not in (any more).
      refuse(this.#core, input, { condition: 'item-not-found' });
    } else {
      this.#join({ to, nick: to.resource, presence: stanza, muc, sender });
    }
  }

  #join(attempt: JoinAttempt): void {
    const { sender, to } = attempt;
    const client = sender.jid.full;
    const count = this.rooms.roomCountOf(client) + (this.#focusWait?.countOf(client) ?? 0);
    const isNew = this.#focusWait?.isWaiting(to.bare, client) !== true;
    const { maxRoomsPerSession } = this.#core.options.limits;
    if (!sender.isComponent && isNew && count >= maxRoomsPerSession) {
      refuseJoin(this.rooms, attempt, { condition: 'resource-constraint' });
      return;
    }
    if (this.#occupantOf(to, sender) !== undefined) return;
    join(this.rooms, this.#focusWait, attempt);
  }

  #handleMessage(input: StanzaInput): void {
    const occupant = this.#occupantOf(input.to, input.sender);
    if (occupant !== undefined) handleMessage(this.rooms, occupant, input);
    else refuse(this.#core, input, { condition: 'not-acceptable' });
  }

  #handleRoomIq(input: StanzaInput): void {
    const { stanza, to, sender } = input;
    const type = stanza.attribute('type');
    if (type !== 'get' && type !== 'set') {
      this.#core.metrics.stanzasDropped++;
      return;
    }
    const room = this.rooms.find(to.bare);
    const payload = iqPayload(stanza);
    if (room === undefined || payload === undefined) {
      refuse(this.#core, input, { condition: 'item-not-found' });
      return;
    }
    const occupant = room.occupantOf(sender.jid.full);
    const answered = this.hooks.answerRoomIq({ room, occupant, stanza, payload });
    if (answered === undefined) refuse(this.#core, input, { condition: 'service-unavailable' });
    else if ('result' in answered) answer(input, answered.result);
    else refuse(this.#core, input, answered);
  }

  /** XEP-0045 §6.1-6.3. Rooms are not listed: knowing a name is what lets one in. */
  #handleServiceStanza(input: StanzaInput): void {
    const { stanza } = input;
    if (stanza.name !== 'iq') {
      refuse(this.#core, input, { condition: 'service-unavailable' });
      return;
    }
    const payload = stanza.attribute('type') === 'get' ? iqPayload(stanza) : undefined;
    switch (payload?.ns) {
      case NS.discoInfo:
        answer(
          input,
          discoInfoToXml({
            identities: [{ category: 'conference', type: 'text', name: 'Conclave rooms' }],
            features: [NS.discoInfo, NS.discoItems, NS.muc, NS.ping],
          }),
        );
        return;
      case NS.discoItems:
        answer(input, xml('query', NS.discoItems));
        return;
      case NS.ping:
        answer(input);
        return;
      default:
        refuse(this.#core, input, { condition: 'service-unavailable' });
    }
  }
}
