/**
 * Who spoke for how long (COMPAT: Jitsi's `speakerstats`): clients report that they became dominant
 * speaker, or fell silent; who comes later is told what was before.
 */
import type { XmlElement } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';
import { displayNameOf } from '../muc/display-name.ts';
import type { Occupant } from '../muc/occupant.ts';
import type { Room } from '../muc/room.ts';
import { FeatureComponent, type FeatureContext } from './feature-component.ts';

/** Faces remembered of one person. */
const MAX_FACES = 20;
/** People remembered in one room, those who left included. */
const MAX_PEOPLE = 2_000;
const FACE_EXPRESSION = /^[A-Za-z]{1,32}$/;
const WHOLE_NUMBER = /^\d{1,15}$/;

interface Face {
  readonly duration: number;
  readonly faceExpression: string;
  /** Unix time, ms. */
  readonly timestamp: number;
}

interface Speaker {
  /** Of those who left. */
  displayName: string | undefined;
  totalMs: number;
  readonly faces: Face[];
}

class RoomStats {
  /** By nick. */
  readonly speakers = new Map<string, Speaker>();
  #dominant: Speaker | undefined;
  /** Absent while the dominant speaker is silent. */
  #sinceMs: number | undefined;

  speaker(nick: string): Speaker | undefined {
    const known = this.speakers.get(nick);
    if (known !== undefined) return known;
    if (this.speakers.size >= MAX_PEOPLE) return undefined;
    const speaker: Speaker = { displayName: undefined, totalMs: 0, faces: [] };
    this.speakers.set(nick, speaker);
    return speaker;
  }

  setDominant(speaker: Speaker | undefined, isSilent: boolean, nowMs: number): void {
    this.settle(nowMs);
    this.#dominant = speaker;
    this.#sinceMs = isSilent ? undefined : nowMs;
  }

  isDominant(speaker: Speaker | undefined): boolean {
    return speaker !== undefined && speaker === this.#dominant;
  }

  /** Adds what the dominant speaker has spoken so far. */
  settle(nowMs: number): void {
    if (this.#dominant === undefined || this.#sinceMs === undefined) return;
    this.#dominant.totalMs += nowMs - this.#sinceMs;
    this.#sinceMs = nowMs;
  }
}

export class SpeakerStats {
  readonly #context: FeatureContext;
  readonly #component: FeatureComponent;
  readonly #rooms = new WeakMap<Room, RoomStats>();

  constructor(context: FeatureContext) {
    this.#context = context;
    this.#component = new FeatureComponent(context, {
      label: 'speakerstats',
      type: 'speakerstats',
      handle: ({ occupant, element }) =>
        element.ns === NS.jitmeet && this.#handle(occupant, element),
    });
    for (const { hooks } of context.conferences) {
      hooks.occupantJoined.add(600, ({ room, occupant }) => this.#tell(room, occupant));
      hooks.occupantLeft.add(600, ({ room, occupant }) => {
        const stats = this.#rooms.get(room);
        const speaker = stats?.speakers.get(occupant.nick);
        if (stats === undefined || speaker === undefined) return undefined;
        if (stats.isDominant(speaker)) stats.setDominant(undefined, true, context.core.nowMs);
        speaker.displayName = displayNameOf(occupant.payload) ?? '';
        return undefined;
      });
    }
  }

  #handle({ room, nick }: Occupant, element: XmlElement): boolean {
    const stats = this.#rooms.get(room) ?? new RoomStats();
    const speaker = stats.speaker(nick);
    if (speaker === undefined) return false;
    if (element.name === 'speakerstats') {
      const isSilent = element.attribute('silence') === 'true';
      stats.setDominant(speaker, isSilent, this.#context.core.nowMs);
    } else if (element.name === 'faceLandmarks') {
      const face = faceFromXml(element);
      if (face === undefined) return false;
      speaker.faces.push(face);
      if (speaker.faces.length > MAX_FACES) speaker.faces.shift();
    } else return false;
    this.#rooms.set(room, stats);
    return true;
  }

  #tell(room: Room, joiner: Occupant): undefined {
    const stats = this.#rooms.get(room);
    if (stats === undefined || joiner.recipient.isComponent) return;
    // Back again: others know the name from presence.
    const own = stats.speakers.get(joiner.nick);
    if (own !== undefined) own.displayName = undefined;
    stats.settle(this.#context.core.nowMs);
    const users: [string, unknown][] = [];
    for (const [nick, { displayName, totalMs, faces }] of stats.speakers) {
      if (totalMs === 0 && faces.length === 0) continue;
      const totalDominantSpeakerTime = Math.round(totalMs);
      users.push([nick, { displayName, totalDominantSpeakerTime, faceLandmarks: faces }]);
    }
    if (users.length === 0) return;
    const json = { type: 'speakerstats', users: Object.fromEntries(users) };
    joiner.recipient.deliver(this.#component.news(json));
  }
}

function faceFromXml(element: XmlElement): Face | undefined {
  const faceExpression = element.attribute('faceExpression') ?? '';
  const timestamp = element.attribute('timestamp') ?? '';
  const duration = element.attribute('duration') ?? '';
  if (!FACE_EXPRESSION.test(faceExpression)) return undefined;
  if (!WHOLE_NUMBER.test(timestamp) || !WHOLE_NUMBER.test(duration)) return undefined;
  return { duration: Number(duration), faceExpression, timestamp: Number(timestamp) };
}
