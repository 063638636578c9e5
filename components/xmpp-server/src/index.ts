/** XMPP server and multi-user chat: streams over WebSocket in, rooms with the focus inside. */
export type {
  Administration,
  AdminRefusal,
  AdminResult,
  OccupantSummary,
  RoomDetails,
  RoomSummary,
} from './core/administration.ts';
export type {
  Authenticator,
  LoginChallenge,
  LoginRequest,
  LoginResult,
  LoginVerdict,
} from './core/authenticator.ts';
export { ANONYMOUS, type Identity, type IdentityUser } from './core/identity.ts';
export type { LoginDomain, PasswordMechanism } from './core/login-domain.ts';
export type { Hook } from './core/muc/hook.ts';
export {
  JOIN_ORDER,
  type JoinAttempt,
  type JoinEvent,
  type JoinVerdict,
  type MessageEvent,
  type MessageVerdict,
  type ModerationEvent,
  MucHooks,
  type OccupantEvent,
  type OccupantLeftEvent,
  type RoomIqAnswer,
} from './core/muc/hooks.ts';
export type { RoomKind } from './core/muc/muc-service.ts';
export type { Occupant } from './core/muc/occupant.ts';
export { Room } from './core/muc/room.ts';
export type { StreamContext } from './core/session.ts';
export type { StreamTransport } from './core/stream.ts';
export { VISITOR_DOMAIN, VISITOR_NODE } from './core/visitor-node.ts';
export { XmppMetrics } from './metrics.ts';
export {
  type AdvertisedIdentity,
  DEFAULT_XMPP_LIMITS,
  DEFAULT_XMPP_OPTIONS,
  type ExternalService,
  XMPP_FEATURES,
  type XmppFeature,
  type XmppLimits,
  type XmppServerOptions,
} from './options.ts';
export type { KeptRoom, RoomStore } from './room-store.ts';
export {
  type ComponentHandle,
  type StreamHandle,
  XmppServer,
  type XmppServerDependencies,
  type XmppServerSettings,
} from './shell/xmpp-server.ts';
