/** Messages in a room: to everybody (XEP-0045 §7.4) and to one (§7.5). */
import {
  XmlElement as Element,
  writeXml,
  type XmlElement,
  type XmlNode,
} from '@conclave/protocols/xml';
import { NS, type StanzaError } from '@conclave/protocols/xmpp';
import { PreparedStanza } from '../prepared-stanza.ts';
import { refuse, type StanzaInput } from '../stanza-input.ts';
import type { MessageEvent, MessageVerdict } from './hooks.ts';
import type { Occupant } from './occupant.ts';
import type { Rooms } from './rooms.ts';

/** A message to `room@muc` or `room@muc/nick` from somebody inside. */
export function handleMessage(rooms: Rooms, occupant: Occupant, input: StanzaInput): void {
  const { stanza, to } = input;
  const type = stanza.attribute('type') ?? 'normal';
  // A bounce of something the room sent; bouncing it back would loop.
  if (type === 'error') {
    rooms.core.metrics.stanzasDropped++;
    return;
  }
  const children = sanitiseMessage(stanza);
  if (to.resource !== '') handlePrivate(rooms, occupant, input, type, children);
  else if (type === 'groupchat') handleGroupchat(rooms, occupant, input, children);
  else {
    const verdict = rooms.hooks.roomMessage.run({
      room: occupant.room,
      occupant,
      stanza,
      children,
    });
    settle(rooms, input, verdict ?? { condition: 'service-unavailable' });
  }
}

/** What clients must not claim about themselves or the room is taken out. */
function sanitiseMessage(stanza: XmlElement): XmlNode[] {
  const children: XmlNode[] = [];
  for (const child of stanza.elements()) {
    if (child.ns === NS.mucUser || child.ns === NS.delay || child.ns === NS.stanzaIds) continue;
    if (child.ns === NS.addresses || child.ns === NS.displayName || child.ns === NS.nick) continue;
    if (child.name === 'nick' || child.name === 'display-name') continue;
    // COMPAT: clients write `reply` without a namespace and read it with one.
    if (child.name === 'reply' && (child.ns === NS.client || child.ns === '')) {
      const reply = new Element('reply', NS.reply, undefined, child.children);
      for (const [key, value] of child.attributes) reply.attributes.set(key, value);
      children.push(reply);
    } else children.push(child);
  }
  return children;
}

function handleGroupchat(
  rooms: Rooms,
  occupant: Occupant,
  input: StanzaInput,
  children: XmlNode[],
): void {
  const { room } = occupant;
  const { stanza } = input;
  // Who came as a visitor may chat; from whom a moderator took the voice may not.
  if (occupant.role === 'visitor' && !occupant.isVisitor) {
    refuse(rooms.core, input, { condition: 'forbidden' });
    return;
  }
  const event: MessageEvent = { room, occupant, stanza, children };
  const verdict = rooms.hooks.preMessage.run(event);
  if (verdict !== undefined) {
    settle(rooms, input, verdict);
    return;
  }
  const message = relayed(occupant, stanza, 'groupchat', children);
  const text = writeXml(message);
  if (text.length > rooms.core.options.limits.maxGroupchatLength) {
    refuse(rooms.core, input, { condition: 'policy-violation', text: 'The message is too long' });
    return;
  }
  room.broadcastPrepared(new PreparedStanza(message, text), event.audience);
}

function handlePrivate(
  rooms: Rooms,
  occupant: Occupant,
  input: StanzaInput,
  type: string,
  children: XmlNode[],
): void {
  const { room } = occupant;
  const { stanza, to } = input;
  if (type === 'groupchat') {
    refuse(rooms.core, input, { condition: 'bad-request' });
    return;
  }
  const target = room.occupants.get(to.resource);
  if (target === undefined) {
    refuse(rooms.core, input, { condition: 'item-not-found' });
    return;
  }
  const event = { room, occupant, target, stanza, children };
  const verdict = rooms.hooks.prePrivateMessage.run(event);
  if (verdict !== undefined) {
    settle(rooms, input, verdict);
    return;
  }
  children.push(new Element('x', NS.mucUser));
  target.recipient.deliver(new PreparedStanza(relayed(occupant, stanza, type, children)));
}

/** Only the attributes that mean something to the receiver. */
function relayed(
  occupant: Occupant,
  stanza: XmlElement,
  type: string,
  children: readonly XmlNode[],
): XmlElement {
  const id = stanza.attribute('id');
  const lang = stanza.attribute('xml:lang');
  return new Element(
    'message',
    NS.client,
    { from: occupant.occupantJid, type, id, 'xml:lang': lang },
    children,
  );
}

function settle(rooms: Rooms, input: StanzaInput, verdict: MessageVerdict): void {
  if (verdict === 'handled') return;
  if (verdict === 'drop') rooms.core.metrics.stanzasDropped++;
  else refuse(rooms.core, input, verdict satisfies StanzaError);
}
