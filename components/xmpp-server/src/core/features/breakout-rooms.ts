/**
 * Breakout rooms (COMPAT: Jitsi's `breakout_rooms`): small conferences beside a conference, made and
 * filled by its moderators. Who may enter and with which rights follows from the main room; that is in
 * `breakout-entry.ts`. Clients move by themselves when they are told to.
 */
import { randomUuid } from '@conclave/base';
import { xml } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';
import type { Deadline } from '../deadlines.ts';
import { destroyRoom } from '../muc/leave.ts';
import type { MucService } from '../muc/muc-service.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { Room } from '../muc/room.ts';
import { addBreakoutEntry } from './breakout-entry.ts';
import { BreakoutFamily } from './breakout-family.ts';
import { type FeatureCommand, FeatureComponent, type FeatureContext } from './feature-component.ts';

/** Breakout rooms of one conference at a time. */
const MAX_BREAKOUTS = 100;
/** Characters. */
const MAX_NAME_LENGTH = 256;
/** Changes within this time are told in one update; longer where many people would be told. */
const UPDATE_DELAY_MS = 300;
const UPDATE_DELAY_PER_PERSON_MS = 10;
/** Everything ends this long after the last person left all rooms: people on the move are in none. */
const EMPTY_MS = 10_000;
/** How long a moderator may take from one room to the next before the main room elects another. */
const MOVING_MS = 15_000;

const COMMAND = 'features/breakout-rooms/';

/** What runs beside a family. */
interface Timing {
  update: Deadline | undefined;
  end: Deadline | undefined;
  /** A moderator left a room and is taken to be on the move until then; ms. */
  moderatorMovingUntilMs: number;
  lastUpdate: string;
  lastFocusNews: string;
}

export class BreakoutRooms {
  readonly #context: FeatureContext;
  readonly #service: MucService;
  readonly #component: FeatureComponent;
  /** By bare JID of the main room and of each breakout room. */
  readonly #families = new Map<string, BreakoutFamily>();
  readonly #timing = new WeakMap<BreakoutFamily, Timing>();

  constructor(context: FeatureContext, service: MucService) {
    this.#context = context;
    this.#service = service;
    this.#component = new FeatureComponent(context, {
      label: 'breakout',
      type: 'breakout_rooms',
      discoNodes: { breakout_rooms: [`http://jitsi.org/protocol/breakout_rooms#rename`] },
      handle: (command) => this.#handle(command),
    });
    context.router.addService(this.#component.address, {
      handleStanza: (input) => {
        (input.to.node === '' ? this.#component : service).handleStanza(input);
      },
    });
    const familyOf = (bareJid: string) => this.#families.get(bareJid);
    addBreakoutEntry(context.rooms, service.rooms, familyOf);
    context.rooms.hooks.roomEnded.add(200, (room) => {
      const family = this.#families.get(room.jid.bare);
      if (family !== undefined) this.#end(family);
      return undefined;
    });
    service.hooks.roomCreated.add(100, (room) => {
      const name = familyOf(room.jid.bare)?.breakouts.get(room.jid.bare)?.name;
      if (name !== undefined) room.subject = { text: name, from: room.jid.bare };
      return undefined;
    });
    for (const { hooks } of context.conferences) {
      hooks.occupantJoined.add(650, ({ room }) => this.#changed(room));
      hooks.occupantUpdated.add(650, ({ room }) => this.#changed(room));
      hooks.occupantLeft.add(650, ({ room, occupant, reason }) => {
        const timing = this.#timingOf(room);
        if (timing !== undefined && occupant.isModerator && reason === 'left') {
          const untilMs = context.core.nowMs + MOVING_MS;
          timing.moderatorMovingUntilMs = untilMs;
          context.core.deadlines.at(untilMs, () => this.#changed(room));
        }
        return this.#changed(room);
      });
    }
  }

  #handle({ occupant, element }: FeatureCommand): boolean {
    if (element.name !== 'breakout_rooms' || !occupant.isModerator) return false;
    const command = element.attribute('type') ?? '';
    if (!command.startsWith(COMMAND)) return false;
    const family = this.#families.get(occupant.room.jid.bare);
    const subject = element.attribute('subject')?.trim().slice(0, MAX_NAME_LENGTH);
    const breakoutJid = element.attribute('breakoutRoomJid') ?? '';
    switch (command.slice(COMMAND.length)) {
      case 'add':
        return this.#add(family, occupant.room, subject);
      case 'remove':
        return family !== undefined && this.#remove(family, breakoutJid);
      case 'rename':
        return family !== undefined && this.#rename(family, breakoutJid, subject);
      case 'move-to-room': {
        const person = element.attribute('participantJid') ?? '';
        return (
          family !== undefined && this.#move(family, person, element.attribute('roomJid') ?? '')
        );
      }
      default:
        return false;
    }
  }

  /** The first breakout room founds the family of its main room. */
  #add(known: BreakoutFamily | undefined, room: Room, subject: string | undefined): boolean {
    const { core } = this.#context;
    const family = known ?? new BreakoutFamily(room, this.#service.rooms);
    if (family.breakouts.size >= MAX_BREAKOUTS) return false;
    const node = randomUuid(core.random);
    family.add(node, this.#component.address, subject || `Room ${family.counter + 1}`);
    if (known === undefined) {
      this.#timing.set(family, {
        update: undefined,
        end: undefined,
        moderatorMovingUntilMs: 0,
        lastUpdate: '',
        lastFocusNews: '',
      });
      this.#families.set(room.jid.bare, family);
    }
    this.#families.set(`${node}@${this.#component.address}`, family);
    family.main.keepers.add(this);
    this.#review(family);
    return true;
  }

  #remove(family: BreakoutFamily, bareJid: string): boolean {
    if (!family.breakouts.delete(bareJid)) return false;
    this.#families.delete(bareJid);
    const room = this.#service.rooms.find(bareJid);
    // With the address of the main room those inside go back there.
    const destroy = { jid: family.main.jid.bare, reason: 'Breakout room removed.' };
    if (room !== undefined) destroyRoom(this.#service.rooms, room, destroy);
    if (family.breakouts.size === 0) family.main.keepers.delete(this);
    this.#review(family);
    return true;
  }

  #rename(family: BreakoutFamily, bareJid: string, subject: string | undefined): boolean {
    const breakout = family.breakouts.get(bareJid);
    if (breakout === undefined || subject === undefined || subject === '') return false;
    breakout.name = subject;
    const room = this.#service.rooms.find(bareJid);
    if (room !== undefined) {
      room.subject = { text: subject, from: bareJid };
      const change = xml('subject', NS.client, {}, subject);
      room.broadcast(xml('message', NS.client, { type: 'groupchat', from: bareJid }, change));
    }
    this.#review(family);
    return true;
  }

  #move(family: BreakoutFamily, fullJid: string, roomJid: string): boolean {
    const person = family.occupantOf(fullJid);
    if (person === undefined || person.recipient.isComponent || !family.has(roomJid)) return false;
    const event = `${COMMAND}move-to-room`;
    person.recipient.deliver(this.#component.news({ type: 'breakout_rooms', event, roomJid }));
    return true;
  }

  #timingOf(room: Room): Timing | undefined {
    const family = this.#families.get(room.jid.bare);
    return family === undefined ? undefined : this.#timing.get(family);
  }

  #changed(room: Room): undefined {
    const family = this.#families.get(room.jid.bare);
    if (family !== undefined) this.#review(family);
  }

  /** What follows from who is where: news for the focus at once, for people soon, the end when all are gone. */
  #review(family: BreakoutFamily): void {
    const timing = this.#timing.get(family);
    if (timing === undefined) return;
    const { deadlines, nowMs } = this.#context.core;
    this.#tellFocus(family, timing);
    let people = 0;
    for (const _ of family.occupants()) people++;
    if (people > 0) {
      timing.end?.cancel();
      timing.end = undefined;
      const delayMs = Math.max(UPDATE_DELAY_MS, people * UPDATE_DELAY_PER_PERSON_MS);
      timing.update ??= deadlines.at(nowMs + delayMs, () => {
        timing.update = undefined;
        this.#tellPeople(family, timing);
      });
    } else timing.end ??= deadlines.at(nowMs + EMPTY_MS, () => this.#end(family));
  }

  #tellPeople(family: BreakoutFamily, timing: Timing): void {
    if (this.#families.get(family.main.jid.bare) !== family) return;
    const event = `${COMMAND}update`;
    const { counter: roomCounter } = family;
    const json = { type: 'breakout_rooms', event, roomCounter, rooms: family.toJson() };
    const news = this.#component.news(json);
    const text = JSON.stringify(json);
    if (text === timing.lastUpdate) return;
    timing.lastUpdate = text;
    for (const { recipient } of [...family.occupants()]) recipient.deliver(news);
  }

  /**
   * The focus stays in the main room while there are breakout rooms, and makes nobody moderator there
   * while a moderator is in any of the rooms or on the way. It learns this before a moderator moves.
   */
  #tellFocus(family: BreakoutFamily, timing: Timing): void {
    const isMoving = this.#context.core.nowMs < timing.moderatorMovingUntilMs;
    const json = {
      type: 'breakout_rooms',
      room: family.main.jid.bare,
      isOpen: family.breakouts.size > 0,
      hasModerator: family.hasModerator || isMoving,
    };
    const text = JSON.stringify(json);
    if (text === timing.lastFocusNews) return;
    timing.lastFocusNews = text;
    this.#focusOf(family.main)?.recipient.deliver(this.#component.news(json));
  }

  #focusOf(room: Room): Occupant | undefined {
    for (const occupant of room.occupants.values()) {
      if (occupant.realJid.bare === this.#context.core.options.focusJid) return occupant;
    }
    return undefined;
  }

  /** Of all breakout rooms; the main room ends when nobody else keeps it. */
  #end(family: BreakoutFamily): void {
    const timing = this.#timing.get(family);
    timing?.update?.cancel();
    timing?.end?.cancel();
    this.#timing.delete(family);
    this.#families.delete(family.main.jid.bare);
    const breakouts = [...family.breakouts.keys()];
    family.breakouts.clear();
    for (const bareJid of breakouts) {
      this.#families.delete(bareJid);
      const room = this.#service.rooms.find(bareJid);
      const destroy = { reason: 'The main room ended.' };
      if (room !== undefined) destroyRoom(this.#service.rooms, room, destroy);
    }
    family.main.keepers.delete(this);
    const { main } = family;
    const isOpen = false;
    const json = { type: 'breakout_rooms', room: main.jid.bare, isOpen, hasModerator: false };
    this.#focusOf(main)?.recipient.deliver(this.#component.news(json));
    this.#context.rooms.endIfEmpty(main);
  }
}
