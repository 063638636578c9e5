/**
 * Visitors (COMPAT: Jitsi's `visitors`): beyond a number of participants people come in to look on. They see
 * and hear everybody, nobody sees them; they may chat, and ask a moderator to let them take part. Jitsi has
 * them on servers of their own; here they are in the room itself with the role `visitor` (XEP-0045 §5.1), also those
 * whose clients were sent to the visitor node, which is another name for this server.
 */

import { parseJsonObject, randomToken } from '@conclave/base';
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { iqRequest, type Jid, NS } from '@conclave/protocols/xmpp';
import type { Deadline } from '../deadlines.ts';
import { loginOf } from '../identity.ts';
import { displayNameOf } from '../muc/display-name.ts';
import {
  JOIN_ORDER,
  type JoinEvent,
  type JoinVerdict,
  type MessageEvent,
  type PrivateMessageEvent,
} from '../muc/hooks.ts';
import { destroyRoom } from '../muc/leave.ts';
import type { Occupant } from '../muc/occupant.ts';
import { broadcastPresence, hidePresence } from '../muc/occupant-presence.ts';
import type { Room } from '../muc/room.ts';
import { PreparedStanza } from '../prepared-stanza.ts';
import type { Recipient } from '../recipient.ts';
import { FeatureComponent, type FeatureContext } from './feature-component.ts';
import { PromisedPlaces } from './promised-places.ts';
import type { RoomMetadata } from './room-metadata.ts';
import { VisitorPromotions } from './visitor-promotions.ts';

/** Characters of a moderator's answer; it may name many. */
const MAX_ANSWER_LENGTH = 32_768;
/** How long visitors wait for participants to come back before the meeting ends. */
const ALONE_MS = 20_000;
const RAISED_HAND = 'jitsi_participant_raisedHand';

export class Visitors {
  readonly #context: FeatureContext;
  readonly #component: FeatureComponent;
  /** Visitors who asked to take part. */
  readonly #asking = new WeakSet<Occupant>();
  readonly #promotions: VisitorPromotions;
  readonly #places = new PromisedPlaces();
  /** Rooms in which the last participant left and visitors stayed. */
  readonly #endings = new WeakMap<Room, Deadline>();

  constructor(context: FeatureContext, metadata: RoomMetadata | undefined) {
    this.#context = context;
    this.#promotions = new VisitorPromotions(context.core.random);
    this.#component = new FeatureComponent(context, { label: 'visitors', type: 'visitors' });
    const { hooks } = context.rooms;
    hooks.preJoin.add(JOIN_ORDER.visitor, (event) => this.#gate(event));
    hooks.presenceVisible.add(200, ({ occupant, viewer }) =>
      occupant.isVisitor && viewer !== occupant && !viewer.recipient.isComponent
        ? false
        : undefined,
    );
    hooks.roomCreated.add(300, (room) => {
      metadata?.set(room, 'visitorsEnabled', true);
      return undefined;
    });
    hooks.roomInfo.add(310, ({ fields }) => {
      fields.push({ name: 'muc#roominfo_visitorsEnabled', values: ['1'] });
      return undefined;
    });
    hooks.preMessage.add(60, (event) => this.#takeMessage(event));
    hooks.prePrivateMessage.add(60, (event) => this.#takePrivateMessage(event));
    hooks.occupantIq.add(60, ({ occupant, target }) =>
      (occupant.isVisitor && !target.recipient.isComponent) ||
      (target.isVisitor && !occupant.recipient.isComponent)
        ? { condition: 'item-not-found' }
        : undefined,
    );
    hooks.occupantUpdated.add(60, ({ occupant }) => {
      if (!occupant.isVisitor) return;
      // Made a moderator, say, by somebody who knows the address.
      if (occupant.role === 'visitor') this.#takeHand(occupant);
      else this.#show(occupant);
    });
    hooks.occupantLeft.add(620, ({ room, occupant }) => {
      this.#endRequest(occupant);
      return occupant.isVisitor || occupant.recipient.isComponent
        ? undefined
        : this.#reviewEnd(room);
    });
    hooks.occupantAdmitted.add(620, ({ room, occupant }) => {
      this.#places.end(room, occupant.realJid.full);
      return undefined;
    });
    hooks.occupantJoined.add(620, ({ room, occupant }) => {
      if (occupant.isModerator && !occupant.recipient.isComponent)
        this.#tellWhoAsks(room, occupant);
      return undefined;
    });
  }

  /** There is nothing to look on any more (COMPAT: as on Jitsi's visitor nodes, though not at once). */
  #reviewEnd(room: Room): undefined {
    this.#endings.get(room)?.cancel();
    const { core, rooms } = this.#context;
    const isOver = () =>
      // Rooms with breakout rooms are kept: people are there.
      !room.isKept && this.#count(room, false) === 0 && this.#count(room, true) > 0;
    if (!isOver()) return;
    const end = () => {
      if (isOver()) destroyRoom(rooms, room, { reason: 'No main participants.' });
    };
    this.#endings.set(room, core.deadlines.at(core.nowMs + ALONE_MS, end));
  }

  /** Whether `sender` is to come into `roomJid` (bare) as a visitor; if not, there is a place for it for a while. */
  expects(roomJid: Jid, sender: Recipient): boolean {
    const room = this.#context.rooms.find(roomJid.bare);
    // Whoever waits in the lobby is let in to take part.
    if (room === undefined || room.isMembersOnly || this.#leads(roomJid, sender)) return false;
    if (room.affiliationOf(sender.jid.bare) !== 'none') return false;
    if (this.#isFull(room, sender)) return true;
    this.#places.promise(room, sender.jid.full, this.#context.core.nowMs);
    return false;
  }

  /** By its login, or by what is kept of the room. */
  #leads(room: Jid, { identity }: Recipient): boolean {
    const login = loginOf(identity);
    const kept = this.#context.core.options.roomStore?.find(room.bare);
    return (
      identity.isModerator === true ||
      (login !== undefined && kept?.moderators.includes(login) === true)
    );
  }

  #gate(event: JoinEvent): JoinVerdict | undefined {
    const { attempt, room, affiliation } = event;
    const { sender } = attempt;
    if (this.#context.rooms.isOwnerDomain(sender.jid.domain)) return undefined;
    if (sender.visitorAddresses === undefined) {
      if (affiliation !== 'none' || event.isKnown === true) return undefined;
      if (!this.#isFull(room, sender)) return undefined;
    } else {
      // Even if it leads elsewhere: its client shows nothing but a visitor's view.
      event.affiliation = 'none';
    }
    if (this.#count(room, true) >= this.#context.core.options.limits.maxVisitors) {
      return { type: 'refuse', error: { condition: 'service-unavailable' } };
    }
    event.isVisitor = true;
    return undefined;
  }

  /** For all but those who were promised a place and those whom a moderator let in. */
  #isFull(room: Room, { promotion, jid }: Recipient): boolean {
    const { nowMs, options } = this.#context.core;
    if (this.#places.has(room, jid.full, nowMs)) return false;
    const taken = this.#count(room, false) + this.#places.count(room, nowMs);
    if (taken < options.limits.maxParticipants) return false;
    return !this.#promotions.isGood(room, promotion);
  }

  #count(room: Room, visitors: boolean): number {
    let count = 0;
    for (const { isVisitor, realJid } of room.occupants.values()) {
      if (isVisitor === visitors && !this.#context.rooms.isOwnerDomain(realJid.domain)) count++;
    }
    return count;
  }

  /** As if there were nobody: participants do not know visitors, nor do visitors each other. Moderators may talk to both. */
  #takePrivateMessage({ occupant, target, children }: PrivateMessageEvent) {
    if (occupant.isVisitor ? !target.isModerator : target.isVisitor && !occupant.isModerator) {
      return { condition: 'item-not-found' } as const;
    }
    if (!occupant.isVisitor) return undefined;
    const address = xml('address', NS.addresses, { type: 'ofrom', jid: occupant.occupantJid });
    const name = displayNameOf(occupant.payload);
    // COMPAT: receivers know nobody by this address, so the message tells the name and where an answer goes.
    children.push(
      xml('display-name', NS.displayName, { source: 'visitor' }, name),
      xml('addresses', NS.addresses, {}, address),
    );
    return undefined;
  }

  #takeMessage(event: MessageEvent) {
    const { room, occupant, stanza, children } = event;
    if (occupant.isVisitor) {
      if (stanza.child('body') === undefined) return 'drop' as const;
      // COMPAT: receivers know nobody by this address, so the message tells the name.
      const name = displayNameOf(occupant.payload);
      children.push(xml('display-name', NS.displayName, { source: 'visitor' }, name));
      return undefined;
    }
    const text = stanza.child('json-message', NS.jitmeet)?.text ?? '';
    if (!text.includes('"visitors"') || text.length > MAX_ANSWER_LENGTH) return undefined;
    const json = parseJsonObject(text);
    if (json?.type !== 'visitors') return undefined;
    if (!occupant.isModerator) return { condition: 'forbidden' } as const;
    if (json.action === 'promotion-response') {
      const ids = Array.isArray(json.ids) ? (json.ids as unknown[]) : [json.id];
      for (const id of ids.slice(0, 1_000)) this.#answer(room, id, json.approved === true);
    } else if (json.action === 'demote-request') {
      this.#demote(room, occupant, json.id);
    }
    // For the server alone.
    return 'handled' as const;
  }

  #answer(room: Room, id: unknown, isApproved: boolean): void {
    const visitor = occupantBy(room, id);
    if (visitor === undefined || !this.#endRequest(visitor)) return;
    if (!isApproved || visitor.recipient.visitorAddresses !== undefined) {
      this.#tellAnswer(visitor, isApproved);
      return;
    }
    visitor.role = 'participant';
    this.#show(visitor);
    this.#context.rooms.hooks.occupantUpdated.run({ room, occupant: visitor });
  }

  /** From now on everybody sees it. */
  #show(occupant: Occupant): void {
    occupant.isVisitor = false;
    this.#endRequest(occupant);
    occupant.presenceChanged();
    broadcastPresence(this.#context.rooms, occupant);
  }

  /**
   * Moderators stay what they are; so do services. COMPAT: those whose clients know the visitor node come again
   * there when they are told; until then, and for all others, they are visitors where they are.
   */
  #demote(room: Room, actor: Occupant, id: unknown): void {
    const occupant = occupantBy(room, id);
    if (occupant === undefined || occupant.isVisitor || occupant.isModerator) return;
    const { rooms } = this.#context;
    this.#promotions.revoke(room, occupant.recipient.promotion);
    const news = this.#component.news({
      type: 'visitors',
      action: 'demote-request',
      room: room.jid.bare,
      id: occupant.nick,
      actor: actor.nick,
    });
    room.broadcastPrepared(
      news,
      (viewer) => viewer === occupant || (viewer.isModerator && !viewer.recipient.isComponent),
    );
    hidePresence(occupant, (viewer) => viewer !== occupant && !viewer.recipient.isComponent);
    occupant.role = 'visitor';
    occupant.isVisitor = true;
    occupant.presenceChanged();
    broadcastPresence(rooms, occupant);
    rooms.hooks.occupantUpdated.run({ room, occupant });
  }

  /** COMPAT: a raised hand is how visitors ask. */
  #takeHand(visitor: Occupant): undefined {
    const isUp = visitor.payload.some(
      (child) => typeof child !== 'string' && child.name === RAISED_HAND && child.text !== '',
    );
    if (isUp === this.#asking.has(visitor)) return;
    if (isUp) this.#asking.add(visitor);
    else this.#asking.delete(visitor);
    this.#tellModerators(visitor, isUp);
  }

  /** Answered, taken back or gone: no moderator is to see it any more. False when there was none. */
  #endRequest(visitor: Occupant): boolean {
    if (!this.#asking.delete(visitor)) return false;
    this.#tellModerators(visitor, false);
    return true;
  }

  #tellModerators(visitor: Occupant, isAsking: boolean): void {
    visitor.room.broadcastPrepared(
      this.#request(visitor, isAsking),
      ({ isModerator, recipient }) => isModerator && !recipient.isComponent,
    );
  }

  #tellWhoAsks(room: Room, moderator: Occupant): void {
    for (const visitor of room.occupants.values()) {
      if (this.#asking.has(visitor)) moderator.recipient.deliver(this.#request(visitor, true));
    }
  }

  #request({ room, occupantJid, payload }: Occupant, on: boolean): PreparedStanza {
    return this.#component.news({
      type: 'visitors',
      action: 'promotion-request',
      room: room.jid.bare,
      from: occupantJid,
      nick: displayNameOf(payload),
      on,
    });
  }

  /** Allowed: the client logs in again, under the name it is told, and enters the room itself. */
  #tellAnswer({ room, recipient, realJid }: Occupant, isApproved: boolean): void {
    const { core } = this.#context;
    const response: XmlElement = xml('promotion-response', NS.visitors, {
      allow: String(isApproved),
      username: isApproved ? this.#promotions.issue(room) : undefined,
    });
    const { bare } = room.jid;
    const shown = recipient.visitorAddresses?.shown(bare) ?? bare;
    const iq = iqRequest(
      {
        type: 'set',
        id: randomToken(core.random, 8),
        from: bare,
        to: realJid.full,
      },
      xml('visitors', NS.visitors, { room: shown, focusjid: core.options.focusJid }, response),
    );
    recipient.deliver(new PreparedStanza(iq));
  }
}

/** By endpoint id or by occupant JID; not services. */
function occupantBy(room: Room, id: unknown): Occupant | undefined {
  if (typeof id !== 'string') return undefined;
  const prefix = `${room.jid.bare}/`;
  const occupant = room.occupants.get(id.startsWith(prefix) ? id.slice(prefix.length) : id);
  return occupant === undefined || occupant.recipient.isComponent ? undefined : occupant;
}
