/**
 * Mute requests (`http://jitsi.org/jitmeet/audio`, `video`, `desktop`): a moderator mutes somebody, at
 * the bridge and by telling the client; anybody may take such a mute away from oneself.
 */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { NS, parseJid, type StanzaError } from '@conclave/protocols/xmpp';
import type { AvModeration, MuteMedia } from './av-moderation.ts';
import type { ConferenceState } from './conference-state.ts';
import type { Invitations } from './invitations.ts';
import type { Participant } from './participant.ts';

const MEDIA_OF_NS: Readonly<Record<string, MuteMedia>> = {
  [NS.jitmeetAudio]: 'audio',
  [NS.jitmeetVideo]: 'video',
  [NS.jitmeetDesktop]: 'desktop',
};

const NS_OF_MEDIA: Readonly<Record<MuteMedia, string>> = {
  audio: NS.jitmeetAudio,
  video: NS.jitmeetVideo,
  desktop: NS.jitmeetDesktop,
};

export function isMuteRequest(payload: XmlElement): boolean {
  return payload.name === 'mute' && Object.hasOwn(MEDIA_OF_NS, payload.ns);
}

export class Mute {
  readonly #state: ConferenceState;
  readonly #invitations: Invitations;
  readonly #moderation: AvModeration;

  constructor(state: ConferenceState, invitations: Invitations, moderation: AvModeration) {
    this.#state = state;
    this.#invitations = invitations;
    this.#moderation = moderation;
  }

  /** The refusal, or undefined when it was done. */
  handle(from: Participant, payload: XmlElement): StanzaError | undefined {
    const media = MEDIA_OF_NS[payload.ns];
    const text = payload.text.trim();
    if (media === undefined || (text !== 'true' && text !== 'false')) {
      return { condition: 'bad-request' };
    }
    const mute = text === 'true';
    const jid = parseJid(payload.attribute('jid') ?? from.occupantJid);
    if (jid === undefined) return { condition: 'bad-request' };
    const isHere = jid.bare === this.#state.room.bare;
    const target = isHere ? this.#state.participants.get(jid.resource) : undefined;
    if (target === undefined) return { condition: 'item-not-found', text: 'no such participant' };
    if (target !== from && !from.isModerator) {
      return { condition: 'not-allowed', text: 'only moderators mute others' };
    }
    if (!mute && target !== from) {
      return { condition: 'not-allowed', text: 'nobody is unmuted by somebody else' };
    }
    if (!mute && !this.#moderation.mayUnmute(target, media)) {
      return { condition: 'not-allowed', text: `a moderator must allow ${media} first` };
    }
    if (mute && target.isHidden) return { condition: 'not-allowed', text: 'not a person' };
    this.apply(target, media, mute, from.occupantJid);
    if (target !== from) this.#record(from.realJid.full, target, media);
    return undefined;
  }

  /**
   * The administrator of the server mutes `endpointId`, or everybody. The number of those whom it
   * concerned; undefined when there is nobody of that name.
   */
  muteByAdministrator(
    endpointId: string | undefined,
    media: readonly MuteMedia[],
    actor: string,
  ): number | undefined {
    const targets = [...this.#state.participants.values()].filter(
      (participant) =>
        !participant.isHidden &&
        (endpointId === undefined || participant.endpointId === endpointId),
    );
    if (endpointId !== undefined && targets.length === 0) return undefined;
    for (const target of targets) {
      for (const medium of media) {
        this.apply(target, medium, true, actor);
        this.#record('administrator', target, medium);
      }
    }
    return targets.length;
  }

  #record(actor: string, target: Participant, media: MuteMedia): void {
    this.#state.deps.audit.record({
      event: 'room.mute',
      actor,
      room: this.#state.room.bare,
      target: target.realJid.full,
      value: media,
    });
  }

  /** Moderation of `media` was switched on by `actor`: whoever is not allowed is muted and told so. */
  muteAll(media: MuteMedia, actor: string): void {
    for (const participant of this.#state.participants.values()) {
      if (participant.isHidden || participant.occupantJid === actor) continue;
      if (this.#moderation.mayUnmute(participant, media)) continue;
      this.apply(participant, media, true, actor);
    }
  }

  /** Brings the mutes at the bridge in line with what moderation allows; a muted joiner is not told. */
  enforce(participant: Participant): void {
    if (participant.isHidden) return;
    for (const media of ['audio', 'video'] as const) {
      const isBlocked = !this.#moderation.mayUnmute(participant, media);
      if (isBlocked === participant.isBlocked[media]) continue;
      participant.isBlocked = { ...participant.isBlocked, [media]: isBlocked };
      this.#setForceMute(participant, media, isBlocked);
    }
  }

  /** Mutes or unmutes at the bridge, and tells the client when somebody else muted it. */
  apply(target: Participant, media: MuteMedia, mute: boolean, actor: string): void {
    if (media !== 'desktop') this.#setForceMute(target, media, mute);
    if (!mute || target.occupantJid === actor) return;
    // Clients never answer this one.
    const attributes = { jid: target.occupantJid, actor };
    this.#state.sendIq(target, xml('mute', NS_OF_MEDIA[media], attributes, 'true'));
  }

  #setForceMute(target: Participant, media: 'audio' | 'video', mute: boolean): void {
    if (target.forceMute[media] === mute) return;
    target.forceMute = { ...target.forceMute, [media]: mute };
    this.#state.bridges.modifyEndpoint(
      { id: target.endpointId, forceMute: { ...target.forceMute } },
      (response) => this.#invitations.handleResponse(target, response),
    );
  }
}
