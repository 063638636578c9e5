/**
 * The last messages of a room, for joiners, as many as they ask for (XEP-0045 §7.2.13, §7.2.14); off unless
 * `historyLength` is set. What was taken back (XEP-0424) is not repeated.
 */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { delayToXml, NS } from '@conclave/protocols/xmpp';
import { PreparedStanza } from '../prepared-stanza.ts';
import { displayNameOf } from './display-name.ts';
import type { Room } from './room.ts';
import type { Rooms } from './rooms.ts';

/** Characters that a room keeps, however few messages they are. */
const MAX_CHARACTERS = 262_144;

interface Entry {
  readonly id: string | undefined;
  /** Unix time, ms. */
  readonly wallMs: number;
  /** Serialised once, for all who come. */
  readonly stanza: PreparedStanza;
}

interface History {
  entries: Entry[];
  characters: number;
}

export function addHistory(rooms: Rooms): void {
  const { core, hooks } = rooms;
  const { historyLength } = core.options;
  if (historyLength === 0) return;
  const histories = new WeakMap<Room, History>();

  // After every check, so that only what was really said is kept.
  hooks.preMessage.add(10_000, ({ room, occupant, stanza, children, audience }) => {
    // What was not for everybody is not for those who come later.
    if (stanza.child('body') === undefined || audience !== undefined) return undefined;
    const history = histories.get(room) ?? { entries: [], characters: 0 };
    const taken = new Set(
      stanza.childrenNamed('retract', NS.retract).map((retract) => retract.attribute('id')),
    );
    if (taken.size > 0) {
      // That it may was checked before.
      history.entries = history.entries.filter(({ id }) => id === undefined || !taken.has(id));
      history.characters = history.entries.reduce((sum, entry) => sum + entry.stanza.length, 0);
      return undefined;
    }
    const isNamed = children.some(
      (child) => typeof child !== 'string' && child.name === 'display-name',
    );
    const name = isNamed ? undefined : displayNameOf(occupant.payload);
    const message = new PreparedStanza(
      xml(
        'message',
        NS.client,
        { from: occupant.occupantJid, type: 'groupchat', id: stanza.attribute('id') },
        ...children,
        delayToXml(room.jid.bare, core.wallMs),
        // COMPAT: the author may be gone, so the message tells the name.
        name === undefined
          ? undefined
          : xml('display-name', NS.displayName, { source: 'guest' }, name),
      ),
    );
    histories.set(room, history);
    history.entries.push({ id: stanza.attribute('id'), wallMs: core.wallMs, stanza: message });
    history.characters += message.length;
    while (history.entries.length > historyLength || history.characters > MAX_CHARACTERS) {
      history.characters -= history.entries.shift()?.stanza.length ?? 0;
    }
    return undefined;
  });

  hooks.occupantJoined.add(800, ({ room, occupant, attempt }) => {
    const history = histories.get(room);
    if (history === undefined || rooms.isOwnerDomain(occupant.realJid.domain)) return undefined;
    const wish = attempt.muc.child('history', NS.muc);
    for (const stanza of wanted(history.entries, wish, core.wallMs)) {
      occupant.recipient.deliver(stanza);
    }
    return undefined;
  });
}

/** The newest entries within all limits that the joiner names; what it names wrongly is no limit. */
function wanted(
  entries: readonly Entry[],
  wish: XmlElement | undefined,
  wallMs: number,
): PreparedStanza[] {
  const count = (name: string) => {
    const text = wish?.attribute(name) ?? '';
    return /^\d{1,9}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
  };
  const since = Date.parse(wish?.attribute('since') ?? '');
  const earliestMs = Math.max(wallMs - count('seconds') * 1000, Number.isNaN(since) ? 0 : since);
  const maxCharacters = count('maxchars');
  const maxStanzas = count('maxstanzas');
  const chosen: PreparedStanza[] = [];
  let characters = 0;
  for (const { stanza, wallMs: saidMs } of entries.toReversed()) {
    characters += stanza.length;
    if (chosen.length >= maxStanzas || characters > maxCharacters || saidMs < earliestMs) break;
    chosen.unshift(stanza);
  }
  return chosen;
}
