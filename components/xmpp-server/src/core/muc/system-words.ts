/** Words of the server in a room's chat. */
import { xml } from '@conclave/protocols/xml';
import { jsonMessage, NS } from '@conclave/protocols/xmpp';
import type { Occupant } from './occupant.ts';
import type { Room } from './room.ts';

export interface SystemWords {
  readonly message: string;
  /** Under which name. */
  readonly displayName?: string;
}

/** To everybody in the room, or to those whom `includes` chooses. */
export function tellRoom(
  room: Room,
  words: SystemWords,
  includes?: (occupant: Occupant) => boolean,
): void {
  const json = { type: 'system_chat_message', ...words };
  room.broadcast(
    xml(
      'message',
      NS.client,
      { type: 'groupchat', from: room.jid.bare },
      // COMPAT: Jitsi's clients read the JSON and nothing else, all others the body.
      jsonMessage(json),
      xml('body', NS.client, {}, words.message),
    ),
    includes,
  );
}
