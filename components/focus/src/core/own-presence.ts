/** The focus as an occupant of the room: publishes what clients read from its presence, when it says something new. */
import { xml } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';
import { conferencePresenceToXml } from './conference-presence.ts';
import type { ConferenceState } from './conference-state.ts';

export class OwnPresence {
  /** Clients that see this reload. */
  bridgeNotAvailable = false;
  readonly #state: ConferenceState;
  readonly #occupantJid: string;
  #last = '';

  constructor(state: ConferenceState, occupantJid: string) {
    this.#state = state;
    this.#occupantJid = occupantJid;
  }

  /** `isJoin`: the focus is not in the room yet. */
  publish(isJoin: boolean): void {
    const { deps, options, bridges, sources, visitorCount } = this.#state;
    const { audio, video } = sources.limitsReached;
    const presence = {
      from: options.focusJid,
      to: this.#occupantJid,
      version: options.version,
      bridgeCount: bridges.count,
      audioLimitReached: audio,
      videoLimitReached: video,
      visitorCount: options.visitors ? visitorCount : undefined,
      bridgeNotAvailable: this.bridgeNotAvailable,
    };
    const text = JSON.stringify(presence);
    if (text === this.#last) return;
    this.#last = text;
    deps.send(conferencePresenceToXml({ ...presence, isJoin }));
  }

  leave(): void {
    const { deps, options } = this.#state;
    const attributes = { from: options.focusJid, to: this.#occupantJid, type: 'unavailable' };
    deps.send(xml('presence', NS.client, attributes));
  }
}
