/** Conclave's browser SDK: connection, conference, media. No framework; state in stores, news in events. */
export type { Clock, Logger } from '@conclave/base';
export type { AvModerationState, MediumModeration } from './conference/av-moderation.ts';
export type { BreakoutPerson, BreakoutRoom } from './conference/breakout-rooms.ts';
export type { ChatEntry, ChatMessage } from './conference/chat.ts';
export { Conference } from './conference/conference.ts';
export type { ConferenceFailure } from './conference/conference-failure.ts';
export type {
  ConferenceDependencies,
  ConferenceOptions,
  ConferenceState,
} from './conference/conference-options.ts';
export type { FocusSession } from './conference/conference-request.ts';
export type { Knocker, LobbyMessage } from './conference/lobby-desk.ts';
export type { LobbyVisit } from './conference/lobby-visit.ts';
export type { ModeratedMedium } from './conference/moderation.ts';
export type { Participant, ParticipantSource } from './conference/participant.ts';
export type { Permissions } from './conference/permissions.ts';
export { type Poll, type PollAnswer, type PollVoter, votersOf } from './conference/polls.ts';
export { REACTIONS, type Reaction } from './conference/reactions.ts';
export { normaliseRoomName } from './conference/room-address.ts';
export type { RoomInfo } from './conference/room-info.ts';
export type { RoomPermissions, StartMuted } from './conference/room-metadata.ts';
export type { SpeakerTime } from './conference/speaker-stats.ts';
export type { AskingVisitor } from './conference/visitors.ts';
export { type CallStats, collectCallStats, type StreamStats } from './media/call-stats.ts';
export type { DeviceErrorReason } from './media/device-error.ts';
export {
  type DeviceChoice,
  type LocalKind,
  LocalMedia,
  type LocalMediaOptions,
  type LocalTrackState,
} from './media/local-media.ts';
export { LocalScreen, type ShareOutcome } from './media/local-screen.ts';
export type { MediaState } from './media/media-controller.ts';
export type { RemoteTrack } from './media/media-session.ts';
export { type MediaTraits, mediaTraitsOf } from './media/media-traits.ts';
export type { VideoLayout } from './media/video-layout.ts';
export { watchAudioLevel } from './platform/audio-level.ts';
export {
  createBrowserPlatform,
  createPeerConnection,
} from './platform/browser-platform.ts';
export { mixAudio } from './platform/mix-audio.ts';
export type { Platform, Socket, SocketEvents } from './platform/platform.ts';
export { playTones } from './platform/play-tones.ts';
export { type ReadonlyStore, Store } from './store.ts';
export {
  type CloseReason,
  Connection,
  type ConnectionOptions,
  type ConnectionState,
} from './xmpp/connection.ts';
export type { Credentials } from './xmpp/sasl.ts';
