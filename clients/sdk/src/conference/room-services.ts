/** Addresses of the components that serve rooms, as the server lists them (XEP-0030, identities of category `component`). */
import { xml } from '@conclave/protocols/xml';
import { discoInfoFromXml, NS } from '@conclave/protocols/xmpp';
import type { RoomContext } from './room-context.ts';

export interface RoomServices {
  readonly avModeration: string | undefined;
  readonly endConference: string | undefined;
  readonly lobby: string | undefined;
  readonly metadata: string | undefined;
  readonly polls: string | undefined;
  readonly breakoutRooms: string | undefined;
  readonly visitors: string | undefined;
  readonly speakerStats: string | undefined;
}

export const NO_SERVICES: RoomServices = {
  avModeration: undefined,
  endConference: undefined,
  lobby: undefined,
  metadata: undefined,
  polls: undefined,
  breakoutRooms: undefined,
  visitors: undefined,
  speakerStats: undefined,
};

/** Never rejects: a server that does not answer has none. */
export async function discoverServices(
  context: Pick<RoomContext, 'request'>,
  domain: string,
): Promise<RoomServices> {
  try {
    const answer = await context.request('get', domain, xml('query', NS.discoInfo));
    const query = answer.child('query', NS.discoInfo);
    const identities = (query && discoInfoFromXml(query)?.identities) ?? [];
    const address = (type: string) =>
      identities.find((identity) => identity.category === 'component' && identity.type === type)
        ?.name;
    return {
      avModeration: address('av_moderation'),
      endConference: address('end_conference'),
      lobby: address('lobbyrooms'),
      metadata: address('room_metadata'),
      polls: address('polls'),
      breakoutRooms: address('breakout_rooms'),
      visitors: address('visitors'),
      speakerStats: address('speakerstats'),
    };
  } catch {
    return NO_SERVICES;
  }
}
