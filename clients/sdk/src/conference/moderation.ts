/** What moderators do to the room and the people in it; the server decides who is one (XEP-0045 §8-10, and Jitsi's mute). */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { bareOf, dataFormToXml, type FormField, NS } from '@conclave/protocols/xmpp';
import { FOCUS_NICK, type RoomContext } from './room-context.ts';
import type { RoomInfo } from './room-info.ts';
import type { RoomServices } from './room-services.ts';

export type ModeratedMedium = 'audio' | 'video' | 'desktop';

const MUTE_NS: Readonly<Record<ModeratedMedium, string>> = {
  audio: NS.jitmeetAudio,
  video: NS.jitmeetVideo,
  desktop: NS.jitmeetDesktop,
};

/** The request that silences `id`, or with `muted` false lets go of a mute of our own. */
export function muteRequest(
  { roomJid }: RoomContext,
  id: string,
  medium: ModeratedMedium,
  muted: boolean,
): XmlElement {
  return xml('mute', MUTE_NS[medium], { jid: `${roomJid}/${id}` }, String(muted));
}

/** All methods reject with a RequestError when the server refuses. */
export class Moderation {
  readonly #context: RoomContext;
  readonly #info: () => RoomInfo;
  readonly #services: () => RoomServices;

  constructor(context: RoomContext, info: () => RoomInfo, services: () => RoomServices) {
    this.#context = context;
    this.#info = info;
    this.#services = services;
  }

  async kick(id: string, reason?: string): Promise<void> {
    const why = reason === undefined ? undefined : xml('reason', NS.mucAdmin, undefined, reason);
    await this.#admin(xml('item', NS.mucAdmin, { nick: id, role: 'none' }, why));
  }

  /** @param jid their real address; a participant without one cannot be made moderator */
  async grantModerator(jid: string): Promise<void> {
    await this.#admin(xml('item', NS.mucAdmin, { affiliation: 'owner', jid: bareOf(jid) }));
  }

  async mute(id: string, medium: ModeratedMedium): Promise<void> {
    const focus = `${this.#context.roomJid}/${FOCUS_NICK}`;
    await this.#context.request('set', focus, muteRequest(this.#context, id, medium, true));
  }

  /** @param password empty for none */
  async setPassword(password: string): Promise<void> {
    const fields = [
      { name: 'muc#roomconfig_roomsecret', values: [password] },
      { name: 'muc#roomconfig_passwordprotectedroom', values: [password === '' ? '0' : '1'] },
      { name: 'muc#roomconfig_whois', values: ['anyone'] },
    ];
    const hasLobby = this.#info().lobbyJid !== undefined;
    await this.#configure(hasLobby ? [...fields, membersOnly(true)] : fields);
  }

  /** Whether people wait outside until a moderator lets them in. */
  async setLobby(enabled: boolean): Promise<void> {
    const { hasPassword } = this.#info();
    // Without the secret: the server keeps it.
    const locked = { name: 'muc#roomconfig_passwordprotectedroom', values: ['1'] };
    await this.#configure([membersOnly(enabled), ...(hasPassword ? [locked] : [])]);
  }

  get canEndForAll(): boolean {
    return this.#services().endConference !== undefined;
  }

  /** Everybody is sent away. Without an answer: we learn it when we are sent away ourselves. */
  endForAll(): void {
    const to = this.#services().endConference;
    if (to === undefined) return;
    this.#context.send(xml('message', NS.client, { to }, xml('end_conference', NS.client)));
  }

  async #admin(item: XmlElement): Promise<void> {
    const { roomJid } = this.#context;
    await this.#context.request('set', roomJid, xml('query', NS.mucAdmin, undefined, item));
  }

  async #configure(fields: readonly FormField[]): Promise<void> {
    const form = dataFormToXml({ type: 'submit', formType: NS.mucRoomConfig, fields });
    const { roomJid } = this.#context;
    await this.#context.request('set', roomJid, xml('query', NS.mucOwner, undefined, form));
  }
}

function membersOnly(enabled: boolean): FormField {
  return { name: 'muc#roomconfig_membersonly', values: [String(enabled)] };
}
