/** The features that are on, each put on the hooks of the rooms, in this order. */
import type { AdvertisedIdentity } from '../../options.ts';
import type { CoreContext } from '../context.ts';
import { MucService } from '../muc/muc-service.ts';
import type { Router } from '../router.ts';
import { AvModeration } from './av-moderation.ts';
import { BreakoutRooms } from './breakout-rooms.ts';
import { addConferenceDuration } from './conference-duration.ts';
import { addEndConference } from './end-conference.ts';
import { addFlipDevice } from './flip-device.ts';
import { Lobby } from './lobby.ts';
import { addPermissions } from './permissions.ts';
import { Polls } from './polls.ts';
import { RoomMetadata } from './room-metadata.ts';
import { addServiceRequests } from './service-requests.ts';
import { SpeakerStats } from './speaker-stats.ts';
import { Visitors } from './visitors.ts';
import { WaitForHost } from './wait-for-host.ts';

export interface Features {
  /** For disco#info of the domain. */
  readonly identities: readonly AdvertisedIdentity[];
  /** For clients that are told before they ask. */
  readonly clientFeatures: readonly string[];
  /** Rooms beside those of the conferences. */
  readonly services: readonly MucService[];
  readonly visitors: Visitors | undefined;
  readonly lobby: Lobby | undefined;
}

export function addFeatures(core: CoreContext, router: Router, muc: MucService): Features {
  const identities: AdvertisedIdentity[] = [];
  const isOn = new Set(core.options.features);
  const breakouts = isOn.has('breakout-rooms') ? new MucService(core, 'breakout') : undefined;
  const conferences = breakouts === undefined ? [muc.rooms] : [muc.rooms, breakouts.rooms];
  const clientFeatures: string[] = [];
  const rooms = muc.rooms;
  const context = { core, router, rooms, conferences, identities, clientFeatures };
  for (const each of conferences) {
    addPermissions(each);
    addServiceRequests(each);
  }
  addFlipDevice(rooms);
  const metadata = isOn.has('room-metadata') ? new RoomMetadata(context) : undefined;
  if (isOn.has('av-moderation')) new AvModeration(context, metadata);
  const services: MucService[] = [];
  if (breakouts !== undefined) {
    new BreakoutRooms(context, breakouts);
    services.push(breakouts);
  }
  const lobby = isOn.has('lobby') ? new Lobby(context, metadata) : undefined;
  if (lobby !== undefined) services.push(lobby.service);
  if (isOn.has('wait-for-host')) new WaitForHost(context, lobby);
  const visitors = isOn.has('visitors') ? new Visitors(context, metadata) : undefined;
  if (isOn.has('end-conference')) addEndConference(context);
  if (isOn.has('speaker-stats')) new SpeakerStats(context);
  if (isOn.has('conference-duration')) addConferenceDuration(context);
  if (isOn.has('polls')) new Polls(context, metadata);
  return { identities, clientFeatures, services, visitors, lobby };
}
