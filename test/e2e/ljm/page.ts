/**
 * Runs in the test page: one participant on an unmodified lib-jitsi-meet, configured by the server's
 * own `/config.js`, driven by the tests through `window.call`.
 */
import type { Flow, SignedMediaApi } from '@conclave/testkit/browser';
import type { RemoteParticipant } from '../call-client.ts';
import type {
  LibraryConference,
  LibraryConnection,
  LibraryParticipant,
  LibraryTrack,
  RemoteLibraryTrack,
} from './library.ts';
import { events, record, watch } from './page-events.ts';

export interface JoinOptions {
  readonly room: string;
  readonly displayName: string;
  readonly password?: string;
  /** Logs in to this account. */
  readonly login?: { readonly id: string; readonly password: string };
  /** Laid over the server's `config`, one level deep. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Of the last update, by room id. */
export type BreakoutRooms = Readonly<
  Record<
    string,
    {
      readonly jid: string;
      readonly name: string;
      readonly participants: Readonly<Record<string, { readonly jid: string }>>;
    }
  >
>;

/** A screen, and the camera that it took the place of with a library that sends one picture. */
interface Sharing {
  readonly screen: LibraryTrack;
  readonly replaced: LibraryTrack | undefined;
}

const { JitsiMeetJS: library } = window;
const signedMedia: SignedMediaApi = window.signedMedia;
let connection: LibraryConnection | undefined;
let conference: LibraryConference | undefined;
let localTracks: LibraryTrack[] = [];
let settings: Readonly<Record<string, unknown>> = {};
let displayName = '';
let breakoutRooms: BreakoutRooms = {};
const jsonMessages: unknown[] = [];
let flow: Flow | undefined;
let visitorCount: unknown;
let sharing: Sharing | undefined;
/** As the events tell: a track may change its owner. */
const remoteTracks = new Set<RemoteLibraryTrack>();

function needConference(): LibraryConference {
  if (conference === undefined) throw new Error('not in a conference');
  return conference;
}

async function connect(
  options: Readonly<Record<string, unknown>>,
  room: string,
  login: JoinOptions['login'],
): Promise<void> {
  const address = String(options.websocket ?? options.serviceUrl);
  const serviceUrl = `${address}${address.includes('?') ? '&' : '?'}room=${room}`;
  // Beside the other options, as the tests lay them over the server's.
  const token = options.token ?? null;
  const opened = new library.JitsiConnection(null, token, { ...options, serviceUrl });
  connection = opened;
  const names = library.events.connection;
  await new Promise<void>((resolve, reject) => {
    opened.addEventListener(names.CONNECTION_ESTABLISHED ?? '', () => resolve());
    opened.addEventListener(names.CONNECTION_FAILED ?? '', (...args) => {
      record('CONNECTION_FAILED', args);
      reject(new Error(`connection failed: ${args.map(String).join(' ')}`));
    });
    opened.addEventListener(names.CONNECTION_DISCONNECTED ?? '', (...args) =>
      record('CONNECTION_DISCONNECTED', args),
    );
    // The library of 2021 has no such thing.
    if (names.CONNECTION_REDIRECTED !== undefined) {
      opened.addEventListener(names.CONNECTION_REDIRECTED, (...args) => {
        record('CONNECTION_REDIRECTED', args);
        const [node, focusJid, userName] = args.map((arg) => (typeof arg === 'string' ? arg : ''));
        void follow(room, node ?? '', focusJid ?? '', userName ?? '');
      });
    }
    opened.connect({ name: room, ...login });
  });
}

/**
 * What the stock application does when it is sent to a visitor node, or from there (`node` empty) to the room
 * itself: it logs in again with other addresses, and says which node or which name it was given.
 */
async function follow(room: string, node: string, focusUserJid: string, userName: string) {
  await conference?.leave().catch(() => {});
  await connection?.disconnect();
  const hosts = settings.hosts as { readonly domain: string; readonly muc: string };
  const domain = `${node}.meet.jitsi`;
  const atNode = {
    hosts: { domain, muc: hosts.muc.replace(hosts.domain, domain) },
    disableFocus: true,
    p2p: { enabled: false },
  };
  const query = node === '' ? `customusername=${userName}` : `vnode=${node}`;
  const there = {
    ...settings,
    ...(node !== '' && atNode),
    focusUserJid,
    websocket: `${String(settings.websocket)}?${query}`,
  };
  await connect(there, room, undefined);
  await enter(room, undefined, undefined, there);
  record('FOLLOWED', [node]);
}

/** Connects, joins with camera and microphone, and resolves when joined; rejects with the failure. */
async function join(request: JoinOptions): Promise<string> {
  const options = { ...window.config, disableThirdPartyRequests: true, ...request.config };
  library.init(options);
  library.setLogLevel('info');
  localTracks = await library.createLocalTracks({ devices: ['audio', 'video'] });
  settings = options;
  displayName = request.displayName;
  await connect(options, request.room, request.login);
  return enter(request.room, request.password);
}

/** Joins over the connection that is there; `domain` is another than that of the conferences (a breakout room's). */
async function enter(
  room: string,
  password?: string,
  domain?: string,
  base = settings,
): Promise<string> {
  const options = { ...base, ...(domain !== undefined && { customDomain: domain }) };
  const joining = needConnection().initJitsiConference(room, options);
  conference = joining;
  const names = library.events.conference;
  watch(joining, names);
  remoteTracks.clear();
  joining.on(names.TRACK_ADDED ?? '', (track) => {
    const added = track as RemoteLibraryTrack;
    if (!added.isLocal()) remoteTracks.add(added);
  });
  joining.on(names.TRACK_REMOVED ?? '', (track) => {
    remoteTracks.delete(track as RemoteLibraryTrack);
  });
  joining.on(names.BREAKOUT_ROOMS_UPDATED ?? '', (news) => {
    breakoutRooms = (news as { rooms: BreakoutRooms }).rooms;
  });
  joining.on(names.PROPERTIES_CHANGED ?? '', (properties) => {
    visitorCount = (properties as Readonly<Record<string, unknown>>)['visitor-count'];
  });
  joining.on(names.ENDPOINT_MESSAGE_RECEIVED ?? '', (_, json) => jsonMessages.push(json));
  joining.setDisplayName(displayName);
  for (const track of localTracks) await joining.addTrack(track);
  await untilJoined(joining, () => joining.join(password));
  return joining.myUserId();
}

/** Does what makes the library join, and resolves when it has joined; rejects with the failure. */
async function untilJoined(joining: LibraryConference, begin: () => void): Promise<void> {
  const names = library.events.conference;
  await new Promise<void>((resolve, reject) => {
    joining.on(names.CONFERENCE_JOINED ?? '', () => resolve());
    joining.on(names.CONFERENCE_FAILED ?? '', (...args) =>
      reject(new Error(`conference failed: ${args.map(String).join(' ')}`)),
    );
    begin();
  });
  await askForVideo(joining);
}

/** What the stock application does once it has a layout: without it no video is asked for. */
async function askForVideo(joined: LibraryConference): Promise<void> {
  constrain(joined, -1);
  await joined.setSenderVideoConstraint(720).catch(() => {}); // no session yet: kept for later
}

/** `assumedBps`: what the bridge shall believe this client's network to carry; -1 for what it measures. */
function constrain(joined: LibraryConference, assumedBps: number): void {
  joined.setReceiverConstraints({
    lastN: -1,
    defaultConstraints: { maxHeight: 360 },
    constraints: {}, // the library of 2021 reads it in peer-to-peer calls
    assumedBandwidthBps: assumedBps,
  });
}

function needConnection(): LibraryConnection {
  if (connection === undefined) throw new Error('not connected');
  return connection;
}

/** Everyone else as this client sees, shows and plays them. */
function readRemote(): RemoteParticipant[] {
  return (conference?.getParticipants() ?? []).map((participant) => {
    const tracks = shownTracksOf(participant);
    const ofType = (type: string) => tracks.filter((track) => track.getType() === type);
    return {
      id: participant.getId(),
      displayName: participant.getDisplayName() ?? '',
      pictures: ofType('video').map((track) => signedMedia.readPictureTrack(track.getTrack())),
      tones: ofType('audio').flatMap((track) => signedMedia.readToneTrack(track.getTrack())),
    };
  });
}

/** What the stock application shows: no screen that presence calls muted. */
function shownTracksOf(participant: LibraryParticipant): RemoteLibraryTrack[] {
  return [...remoteTracks].filter((track) => {
    if (track.getParticipantId() !== participant.getId()) return false;
    const source = participant
      .getSources?.()
      .get(track.getType())
      ?.get(track.getSourceName?.() ?? '');
    return source?.videoType !== 'desktop' || !source.muted;
  });
}

function tracksOf(id: string): MediaStreamTrack[] {
  return [...remoteTracks]
    .filter((track) => track.getParticipantId() === id)
    .map((track) => track.getTrack());
}

const call = {
  events,
  join,
  readRemote,
  version: () => library.version,
  sendMessage: (text: string, to?: string) => needConference().sendMessage(text, to),
  kick: (id: string) => needConference().kickParticipant(id, 'test'),
  lock: (password: string) => needConference().lock(password),
  isModerator: () => needConference().isModerator() === true,
  role: () => needConference().getRole(),
  userId: () => needConference().myUserId(),
  /** Joins as `join`, but is sent elsewhere before it has joined. */
  begin: (request: JoinOptions) => void join(request).catch(() => {}),
  /** How many look on, as the focus tells everybody. */
  visitorCount: () => Number(visitorCount),
  enableLobby: () => needConference().enableLobby(),
  disableLobby: () => needConference().disableLobby(),
  /** After a join was refused: waits in the lobby; once let in, `CONFERENCE_JOINED` comes. */
  async waitInLobby(displayName: string): Promise<string> {
    const waiting = needConference();
    waiting.on(library.events.conference.CONFERENCE_JOINED ?? '', () => void askForVideo(waiting));
    await waiting.joinLobby(displayName);
    return waiting.myUserId();
  },
  /** After a join was refused because there is no host: what the stock application does every 5 s. */
  async tryAgain(): Promise<string> {
    const waiting = needConference();
    await untilJoined(waiting, () => waiting.join());
    return waiting.myUserId();
  },
  /** And when its user says to be the host: logs in on a second connection, then tries again. */
  async becomeHost(id: string, password: string): Promise<string> {
    const waiting = needConference();
    await untilJoined(waiting, () => {
      const login = { id, password, onLoginSuccessful: () => record('LOGGED_IN', []) };
      waiting
        .authenticateAndUpgradeRole(login)
        .then(() => waiting.join())
        .catch((error: unknown) => record('LOGIN_FAILED', [JSON.stringify(error)]));
    });
    return waiting.myUserId();
  },
  grantOwner: (id: string) => needConference().grantOwner(id),
  letIn: (id: string) => needConference().lobbyApproveAccess(id),
  deny: (id: string) => needConference().lobbyDenyAccess(id),
  moderate: (type: 'audio' | 'video') => needConference().enableAVModeration(type),
  allowToUnmute: (type: 'audio' | 'video', id: string) =>
    needConference().avModerationApprove(type, id),
  isMuted: (type: 'audio' | 'video') =>
    localTracks.every((track) => track.getType() !== type || track.isMuted()),
  assumeBandwidth: (bps: number) => constrain(needConference(), bps),
  /** Asks for `id` on stage at up to `maxHeight`, and for the others as thumbnails. */
  putOnStage(id: string, maxHeight: number) {
    const source = `${id}-v0`;
    needConference().setReceiverConstraints({
      lastN: -1,
      onStageSources: [source],
      onStageEndpoints: [id], // what the library of 2021 knows
      defaultConstraints: { maxHeight: 180 },
      constraints: { [source]: { maxHeight }, [id]: { maxHeight } },
    });
  },
  /** Everybody's voices but those of these sources (`<id>-a0`). */
  hearAllBut(exclude: readonly string[]) {
    needConference().setAudioSubscriptionMode?.({ all: true, include: [], exclude });
  },
  trackIdsOf: (id: string) => tracksOf(id).map(({ id: trackId }) => trackId),
  /** From now on notes how smoothly the picture and the voice of participant `id` come. */
  async watchFlow(id: string) {
    const tracks = tracksOf(id);
    const [video, audio] = ['video', 'audio'].map((kind) => tracks.find((t) => t.kind === kind));
    if (video === undefined || audio === undefined) throw new Error(`no tracks of ${id}`);
    flow = await signedMedia.watchFlow(video, audio);
  },
  readFlow: () => flow?.read(),
  isP2PActive: () => needConference().isP2PActive(),
  /** Mutes or unmutes the local tracks of `type`. */
  async setMuted(type: 'audio' | 'video', isMuted: boolean) {
    const tracks = localTracks.filter((track) => track.getType() === type);
    await Promise.all(tracks.map((track) => (isMuted ? track.mute() : track.unmute())));
  },
  /** Beside the camera; instead of it with a library that sends one picture. */
  async shareScreen() {
    const [screen] = await library.createLocalTracks({ devices: ['desktop'] });
    if (screen === undefined) throw new Error('no screen');
    const camera = localTracks.find((track) => track.getType() === 'video');
    let replaced: LibraryTrack | undefined;
    try {
      await needConference().addTrack(screen);
    } catch {
      if (camera === undefined) throw new Error('no camera to replace');
      await needConference().replaceTrack(camera, screen);
      replaced = camera;
    }
    sharing = { screen, replaced };
    return replaced === undefined;
  },
  async stopScreen() {
    if (sharing === undefined) return;
    const { screen, replaced } = sharing;
    sharing = undefined;
    if (replaced === undefined) await needConference().removeTrack(screen);
    else await needConference().replaceTrack(screen, replaced);
    await screen.dispose();
  },
  /** A message with JSON to everybody (or to the server, if it keeps it). */
  sendJson: (json: object) => needConference().sendMessage(json),
  /** What others and the server said in JSON, in the room or over the bridge. */
  jsonMessages: () => jsonMessages,
  raiseHand: () => needConference().setLocalParticipantProperty('raisedHand', String(Date.now())),
  lowerHand: () => needConference().setLocalParticipantProperty('raisedHand', ''),
  /** What the stock application does with "follow me": its layout, as an element of its presence. */
  followMe: (attributes: Readonly<Record<string, string>>) =>
    needConference().sendCommand('follow-me', { attributes }),
  startMuted: (audio: boolean, video: boolean) =>
    needConference().setStartMutedPolicy({ audio, video }),
  /** How long people have been the dominant speaker, in ms, by their id. */
  speakingTimes: () =>
    Object.fromEntries(
      Object.entries(needConference().getSpeakerStats()).map(([id, stats]) => [
        id,
        stats.getTotalDominantSpeakerTime(),
      ]),
    ),
  sendToEndpoints: (message: object) => needConference().sendEndpointMessage('', message),
  breakoutRooms: () => breakoutRooms,
  createBreakoutRoom: (name: string) =>
    needConference().getBreakoutRooms().createBreakoutRoom(name),
  removeBreakoutRoom: (jid: string) => needConference().getBreakoutRooms().removeBreakoutRoom(jid),
  sendTo: (personJid: string, roomJid: string) =>
    needConference().getBreakoutRooms().sendParticipantToRoom(personJid, roomJid),
  /** What the stock application does when it is sent to another room, or its room is closed. */
  async moveTo(roomJid: string): Promise<string> {
    const [room = '', domain] = roomJid.split('@');
    // Of a room that was closed there is nothing to leave.
    await needConference()
      .leave('switch_room')
      .catch(() => {});
    return enter(room, undefined, domain);
  },
  async leave() {
    await conference?.leave();
    await connection?.disconnect();
    conference = undefined;
  },
};

declare global {
  interface Window {
    call: typeof call;
  }
}

window.call = call;
