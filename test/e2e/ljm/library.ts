/** The little of lib-jitsi-meet's API that the test page uses; the same in 2021 and today. */

export interface LibraryTrack {
  getType(): 'audio' | 'video';
  getTrack(): MediaStreamTrack;
  isMuted(): boolean;
  mute(): Promise<void>;
  unmute(): Promise<void>;
  dispose(): Promise<void>;
}

/** Of somebody else. */
export interface RemoteLibraryTrack extends LibraryTrack {
  isLocal(): boolean;
  getParticipantId(): string;
  /** Since 2022. */
  getSourceName?(): string;
}

export interface LibraryParticipant {
  getId(): string;
  getDisplayName(): string;
  getRole(): string;
  /** What presence says of its sources, by media type and name; since 2022. */
  getSources?(): Map<string, Map<string, { readonly muted: boolean; readonly videoType?: string }>>;
}

export interface LibraryBreakoutRooms {
  createBreakoutRoom(name: string): void;
  removeBreakoutRoom(jid: string): void;
  sendParticipantToRoom(personJid: string, roomJid: string): void;
}

export interface LibraryConference {
  on(event: string, listener: (...args: unknown[]) => void): void;
  join(password?: string): void;
  /** Logs in on a second connection, then joins over this one. */
  authenticateAndUpgradeRole(options: {
    readonly id: string;
    readonly password: string;
    readonly onLoginSuccessful: () => void;
  }): Promise<unknown>;
  grantOwner(id: string): void;
  leave(reason?: string): Promise<unknown>;
  myUserId(): string;
  isModerator(): boolean | null;
  getRole(): string;
  isP2PActive(): boolean;
  setDisplayName(name: string): void;
  addTrack(track: LibraryTrack): Promise<unknown>;
  removeTrack(track: LibraryTrack): Promise<unknown>;
  replaceTrack(before: LibraryTrack, after: LibraryTrack): Promise<unknown>;
  getParticipants(): LibraryParticipant[];
  sendMessage(message: string | object, to?: string): void;
  /** Over the bridge; an empty `to` is everybody. */
  sendEndpointMessage(to: string, message: object): void;
  sendCommand(name: string, values: { readonly attributes: object }): void;
  addCommandListener(name: string, listener: (values: unknown) => void): void;
  setStartMutedPolicy(policy: { readonly audio: boolean; readonly video: boolean }): void;
  getSpeakerStats(): Readonly<Record<string, { getTotalDominantSpeakerTime(): number }>>;
  setLocalParticipantProperty(name: string, value: string): void;
  kickParticipant(id: string, reason?: string): void;
  lock(password: string): Promise<unknown>;
  enableLobby(): Promise<unknown>;
  disableLobby(): void;
  joinLobby(displayName: string): Promise<unknown>;
  lobbyApproveAccess(id: string): void;
  lobbyDenyAccess(id: string): void;
  enableAVModeration(mediaType: string): void;
  avModerationApprove(mediaType: string, id: string): void;
  getBreakoutRooms(): LibraryBreakoutRooms;
  setReceiverConstraints(constraints: unknown): void;
  /** Whose voices to get; since 2026 in this form. */
  setAudioSubscriptionMode?(wish: {
    readonly all: boolean;
    readonly include: readonly string[];
    readonly exclude: readonly string[];
  }): void;
  setSenderVideoConstraint(maxHeight: number): Promise<unknown>;
}

export interface LibraryConnection {
  addEventListener(event: string, listener: (...args: unknown[]) => void): void;
  connect(options?: unknown): void;
  disconnect(): Promise<unknown>;
  initJitsiConference(name: string, options: unknown): LibraryConference;
}

export interface Library {
  readonly version: string;
  init(options: unknown): unknown;
  setLogLevel(level: string): void;
  createLocalTracks(options: unknown): Promise<LibraryTrack[]>;
  readonly JitsiConnection: new (
    appId: unknown,
    token: unknown,
    options: unknown,
  ) => LibraryConnection;
  readonly events: {
    readonly conference: Readonly<Record<string, string>>;
    readonly connection: Readonly<Record<string, string>>;
  };
}

declare global {
  interface Window {
    readonly JitsiMeetJS: Library;
    /** The server's `/config.js`. */
    readonly config: Readonly<Record<string, unknown>>;
  }
}
