/**
 * One visit to one room, from the door to the good-bye: which screen is shown, and the connection, conference and
 * devices behind it. Knows nothing of React.
 */
import type { TimerHandle } from '@conclave/base';
import {
  Conference,
  type ConferenceFailure,
  Connection,
  type ConnectionState,
  createPeerConnection,
  LocalMedia,
  normaliseRoomName,
  type Platform,
  type ReadonlyStore,
  Store,
  takesSimulcastBySsrc,
} from '@conclave/sdk';
import type { WebConfig } from '../config/read-config.ts';

export type RoomFailure =
  | ConferenceFailure
  | { readonly type: 'authentication'; readonly text: string };

export type RoomPhase =
  | { readonly type: 'prejoin' }
  | { readonly type: 'joining' }
  | { readonly type: 'password'; readonly wasWrong: boolean }
  | { readonly type: 'call'; readonly conference: Conference }
  /** The meeting broke off and we are on our way back in. */
  | { readonly type: 'recovering' }
  | { readonly type: 'left' }
  | { readonly type: 'failed'; readonly failure: RoomFailure };

export interface RoomDependencies {
  readonly platform: Platform;
  readonly mediaDevices: ConstructorParameters<typeof LocalMedia>[0];
  readonly userAgent: string;
}

/** Times of the last join, in ms of the platform's clock; for measurements. */
export interface JoinTimes {
  requestedMs: number | undefined;
  joinedMs: number | undefined;
  firstFrameMs: number | undefined;
}

/** What the server offers in its first version; see the codec preferences in config.js. */
const VIDEO_CODECS = ['vp8'];
/** How long we try to get back in by ourselves. */
const RECOVERY_MS = 60_000;
const RECOVERY_PAUSE_MS = 1_000;

export class RoomModel {
  readonly roomName: string;
  readonly times: JoinTimes = {
    requestedMs: undefined,
    joinedMs: undefined,
    firstFrameMs: undefined,
  };
  readonly #dependencies: RoomDependencies;
  readonly #config: WebConfig;
  readonly #phase = new Store<RoomPhase>({ type: 'prejoin' });
  readonly #connectionState = new Store<ConnectionState>({ type: 'idle' });
  readonly #localMedia: Store<LocalMedia>;
  #connection: Connection | undefined;
  #conference: Conference | undefined;
  #displayName = '';
  #password: string | undefined;
  #recovery: TimerHandle | undefined;
  #retry: TimerHandle | undefined;

  constructor(
    dependencies: RoomDependencies,
    config: WebConfig,
    roomName: string,
    muted: { readonly audioMuted: boolean; readonly videoMuted: boolean },
  ) {
    this.#dependencies = dependencies;
    this.#config = config;
    this.roomName = roomName;
    this.#localMedia = new Store(new LocalMedia(dependencies.mediaDevices, muted));
  }

  get phase(): ReadonlyStore<RoomPhase> {
    return this.#phase;
  }

  get connectionState(): ReadonlyStore<ConnectionState> {
    return this.#connectionState;
  }

  /** Another object after `start` was called again. */
  get localMedia(): ReadonlyStore<LocalMedia> {
    return this.#localMedia;
  }

  get connection(): Connection | undefined {
    return this.#connection;
  }

  get conference(): Conference | undefined {
    return this.#conference;
  }

  /** Opens devices and the connection side by side, so that joining later is quick. */
  start(): void {
    const { type } = this.#phase.get();
    if (type === 'left' || type === 'failed') {
      const previous = this.#localMedia.get();
      const audioMuted = previous.audio.get().muted;
      const videoMuted = previous.video.get().muted;
      previous.close();
      this.#localMedia.set(
        new LocalMedia(this.#dependencies.mediaDevices, { audioMuted, videoMuted }),
      );
    }
    this.#phase.set({ type: 'prejoin' });
    void this.#localMedia.get().open();
    this.#connect();
  }

  async join(displayName: string, password?: string): Promise<void> {
    const { type } = this.#phase.get();
    if (type !== 'prejoin' && type !== 'password' && type !== 'recovering') return;
    if (type !== 'recovering') this.#phase.set({ type: 'joining' });
    this.#displayName = displayName;
    this.#password = password;
    this.times.requestedMs = this.#dependencies.platform.clock.nowMs();
    this.times.firstFrameMs = undefined;
    const connection = this.#connect();
    try {
      await connection.whenConnected();
    } catch {
      return; // The connection's state says why.
    }
    if (connection !== this.#connection) return;
    const conference = this.#conference ?? this.#createConference(connection);
    await conference.join(password);
  }

  /** Gives up on the password question. */
  cancel(): void {
    this.#endSession();
    this.start();
  }

  async leave(): Promise<void> {
    const conference = this.#conference;
    const connection = this.#connection;
    // Let go at once: who comes back before the room has confirmed starts with a connection of their own.
    this.#conference = undefined;
    this.#connection = undefined;
    this.#endRecovery();
    this.#localMedia.get().close();
    this.#phase.set({ type: 'left' });
    await conference?.leave();
    connection?.close();
  }

  /** The page goes away: say good-bye as far as that is possible. */
  handlePageHide(): void {
    void this.#conference?.leave();
    this.#connection?.close();
  }

  recordFirstFrame(): void {
    this.times.firstFrameMs ??= this.#dependencies.platform.clock.nowMs();
  }

  #connect(): Connection {
    const current = this.#connection;
    if (current !== undefined && current.state.get().type !== 'closed') return current;
    const connection = new Connection(this.#dependencies.platform, {
      serviceUrl: this.#config.serviceUrl,
      domain: this.#config.domain,
      room: normaliseRoomName(this.roomName),
    });
    this.#connection = connection;
    connection.state.subscribe(() => this.#handleConnectionState(connection));
    connection.connect();
    return connection;
  }

  #createConference(connection: Connection): Conference {
    const conference = new Conference(
      {
        platform: this.#dependencies.platform,
        connection,
        localMedia: this.#localMedia.get(),
        createPeerConnection,
      },
      {
        roomName: this.roomName,
        mucDomain: this.#config.mucDomain,
        focusAddress: this.#config.focusAddress,
        displayName: this.#displayName,
        videoCodecs: VIDEO_CODECS,
        simulcast: takesSimulcastBySsrc(this.#dependencies.userAgent),
      },
    );
    this.#conference = conference;
    conference.state.subscribe(() => this.#handleConferenceState(conference));
    return conference;
  }

  #handleConnectionState(connection: Connection): void {
    if (connection !== this.#connection) return;
    const state = connection.state.get();
    this.#connectionState.set(state);
    if (state.type !== 'closed' || state.reason === 'done') return;
    if (state.reason === 'authentication') {
      this.#fail({ type: 'authentication', text: state.text });
      return;
    }
    // In a conference, the conference says what became of it; outside nothing was lost.
    const { type } = this.#phase.get();
    if (type === 'prejoin') this.#connect();
    else if (this.#conference === undefined && (type === 'joining' || type === 'recovering')) {
      this.#recover({ type: 'connectionLost', text: state.text });
    }
  }

  #handleConferenceState(conference: Conference): void {
    if (conference !== this.#conference) return;
    const state = conference.state.get();
    if (state.type === 'joined') {
      this.times.joinedMs = this.#dependencies.platform.clock.nowMs();
      this.#endRecovery();
      this.#phase.set({ type: 'call', conference });
    } else if (state.type === 'failed') this.#handleFailure(state.failure);
  }

  #handleFailure(failure: ConferenceFailure): void {
    switch (failure.type) {
      case 'passwordRequired':
        this.#endRecovery();
        this.#phase.set({ type: 'password', wasWrong: failure.wasWrong });
        return;
      case 'connectionLost':
      case 'conferenceGone':
      case 'nickConflict':
        this.#recover(failure);
        return;
      default:
        this.#fail(failure);
    }
  }

  /** Joins again with a new connection, for a minute; then says that it did not work. */
  #recover(failure: ConferenceFailure): void {
    const { timers } = this.#dependencies.platform;
    this.#endSession();
    this.#phase.set({ type: 'recovering' });
    this.#recovery ??= timers.schedule(RECOVERY_MS, () => this.#fail(failure));
    this.#retry?.cancel();
    this.#retry = timers.schedule(RECOVERY_PAUSE_MS, () => {
      void this.join(this.#displayName, this.#password);
    });
  }

  #endRecovery(): void {
    this.#recovery?.cancel();
    this.#recovery = undefined;
    this.#retry?.cancel();
  }

  #fail(failure: RoomFailure): void {
    this.#endRecovery();
    this.#endSession();
    this.#localMedia.get().close();
    this.#phase.set({ type: 'failed', failure });
  }

  #endSession(): void {
    const conference = this.#conference;
    const connection = this.#connection;
    this.#conference = undefined;
    this.#connection = undefined;
    void conference?.leave();
    connection?.close();
  }
}
