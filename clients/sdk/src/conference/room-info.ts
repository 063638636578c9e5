/** How the room is set up: read after joining and whenever the room says that it changed (XEP-0045 §6.4, §10.2.1). */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { discoInfoFromXml, formValue, mucUserFromXml, NS } from '@conclave/protocols/xmpp';
import { type ReadonlyStore, Store } from '../store.ts';
import type { RoomContext } from './room-context.ts';

export interface RoomInfo {
  /** Whoever enters needs the password, or an invitation. */
  readonly hasPassword: boolean;
  /** Room in which people wait to be let in; undefined while everybody may enter. */
  readonly lobbyJid: string | undefined;
  /** Unix time in ms when the meeting began; undefined when the server does not say. */
  readonly createdMs: number | undefined;
}

/** The configuration has changed (XEP-0045 §15.6.2). */
const CONFIGURATION_CHANGED = 104;

export class RoomInfoReader {
  readonly #context: RoomContext;
  readonly #info = new Store<RoomInfo>({
    hasPassword: false,
    lobbyJid: undefined,
    createdMs: undefined,
  });

  constructor(context: RoomContext) {
    this.#context = context;
  }

  get info(): ReadonlyStore<RoomInfo> {
    return this.#info;
  }

  /** A message of the room itself. */
  handleMessage(stanza: XmlElement): void {
    if (mucUserFromXml(stanza)?.statusCodes.includes(CONFIGURATION_CHANGED) === true) this.read();
  }

  read(): void {
    const { roomJid } = this.#context;
    this.#context.request('get', roomJid, xml('query', NS.discoInfo)).then(
      (answer) => this.#apply(answer.child('query', NS.discoInfo)),
      () => {
        // Then it stays as it was; the next change asks again.
      },
    );
  }

  #apply(query: XmlElement | undefined): void {
    const info = query && discoInfoFromXml(query);
    if (info === undefined) return;
    const form = info.forms?.find(({ formType }) => formType === NS.mucRoomInfo);
    const value = (name: string) => (form && formValue(form, `muc#roominfo_${name}`)) || undefined;
    const created = Number(value('created_timestamp') ?? '');
    this.#info.set({
      hasPassword: info.features.includes('muc_passwordprotected'),
      lobbyJid: info.features.includes('muc_membersonly') ? value('lobbyroom') : undefined,
      createdMs: created > 0 ? created : undefined,
    });
  }
}
