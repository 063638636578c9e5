/** The conference focus: decides who is in a conference and what media they have, and invites them to the bridge. */
export type { MuteMedia } from './core/av-moderation.ts';
export type { BridgeSelectionOptions } from './core/bridge-selector.ts';
export {
  AV1,
  H264,
  type OfferedCodec,
  type OfferedExtension,
  OPUS,
  OPUS_RED,
  TELEPHONE_EVENT,
  VIDEO_CODECS,
  VP8,
  VP9,
} from './core/codecs.ts';
export type { FocusLogins, LoggedInAccount } from './core/login-sessions.ts';
export type { BookingResult, Reservation, ReservationLink } from './core/reservations.ts';
export {
  DEFAULT_FOCUS_OPTIONS,
  type FocusOptions,
  type RateLimitOptions,
  type SourceSignalingDelay,
} from './options.ts';
export { Focus, type FocusDependencies } from './shell/focus.ts';
