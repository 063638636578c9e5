/**
 * One visit to one room, from the door to the good-bye: which screen is shown, and the connection, conference and
 * devices behind it. Knows nothing of React.
 */
import {
  Conference,
  type ConferenceFailure,
  Connection,
  type ConnectionState,
  type Credentials,
  createPeerConnection,
  type LocalMedia,
  type LocalMediaOptions,
  type LocalScreen,
  mixAudio,
  type ReadonlyStore,
  Store,
} from '@conclave/sdk';
import type { WebConfig } from '../config/read-config.ts';
import { type LogInMethods, logInMethods } from '../log-in/log-in-methods.ts';
import { meaningOfClosing } from './closed-connection.ts';
import { JoinTimes } from './join-times.ts';
import { HOST_PAUSE_MS, NextTry, RECOVERY_PAUSE_MS } from './next-try.ts';
import type { RoomDependencies } from './room-dependencies.ts';
import { RoomDevices } from './room-devices.ts';
import type { RoomFailure, RoomPhase } from './room-phase.ts';
import { conferenceOptions, connectionOptions } from './session-options.ts';

export class RoomModel {
  readonly roomName: string;
  readonly times = new JoinTimes();
  readonly #dependencies: RoomDependencies;
  readonly #config: WebConfig;
  readonly #phase = new Store<RoomPhase>({ type: 'prejoin' });
  readonly #connectionState = new Store<ConnectionState>({ type: 'idle' });
  readonly #devices: RoomDevices;
  readonly #nextTry: NextTry;
  #connection: Connection | undefined;
  #conference: Conference | undefined;
  /** The breakout room that we are in; undefined for the main room. */
  #breakoutJid: string | undefined;
  /** Before a break of the connection, or in another room of the meeting. */
  #hasEntered = false;
  #displayName = '';
  #password: string | undefined;
  #credentials: Credentials | undefined;
  #passwordWasWrong = false;
  /** Whether to enter once logged in, or to stay before the door. */
  #entersAfterLogIn = false;

  constructor(
    dependencies: RoomDependencies,
    config: WebConfig,
    roomName: string,
    media: LocalMediaOptions,
  ) {
    this.#dependencies = dependencies;
    this.#config = config;
    this.roomName = roomName;
    this.#devices = new RoomDevices(dependencies.mediaDevices, media);
    this.#nextTry = new NextTry(dependencies.platform.timers);
  }

  get phase(): ReadonlyStore<RoomPhase> {
    return this.#phase;
  }

  get connectionState(): ReadonlyStore<ConnectionState> {
    return this.#connectionState;
  }

  /** Another object after `start` was called again. */
  get localMedia(): ReadonlyStore<LocalMedia> {
    return this.#devices.localMedia;
  }

  /** As long as we are in one call. */
  get screen(): LocalScreen {
    return this.#devices.screen;
  }

  get connection(): Connection | undefined {
    return this.#connection;
  }

  get conference(): Conference | undefined {
    return this.#conference;
  }

  /** Opens devices and the connection side by side, so that joining later is quick. */
  start(): void {
    this.#phase.set({ type: 'prejoin' });
    this.#devices.open();
    this.#connect();
  }

  async join(displayName: string, password?: string): Promise<void> {
    const { type } = this.#phase.get();
    if (type === 'call' || type === 'left' || type === 'failed' || type === 'joining') return;
    // These screens stay until it is decided.
    const stays = type === 'recovering' || type === 'lobby' || type === 'logIn';
    if (!stays && type !== 'waitingForHost') this.#phase.set({ type: 'joining' });
    this.#entersAfterLogIn = true;
    this.#displayName = displayName;
    this.#password = password;
    this.times.begin(this.#dependencies.platform.clock.nowMs());
    const connection = this.#connect();
    try {
      await connection.whenConnected();
    } catch {
      return; // The connection's state says why.
    }
    if (connection !== this.#connection) return;
    const conference = this.#conference ?? this.#createConference(connection);
    conference.setDisplayName(displayName);
    await conference.join(password);
  }

  /** As `join`, with the name we have. */
  async joinWithPassword(password: string): Promise<void> {
    await this.join(this.#displayName, password);
  }

  /** @param pageUrl of this page, against which addresses of this server are read */
  logInMethods(pageUrl: string): LogInMethods {
    const { passwordLogIn, logInTemplates } = this.#config;
    return logInMethods(passwordLogIn, logInTemplates, this.roomName, pageUrl);
  }

  /** "I am the host". */
  openLogIn(): void {
    this.#nextTry.clear();
    this.#endSession();
    this.#devices.open();
    this.#phase.set({ type: 'logIn', pending: false, problem: undefined });
  }

  async logIn(user: string, password: string): Promise<void> {
    this.#phase.set({ type: 'logIn', pending: true, problem: undefined });
    this.#credentials = { user, password };
    this.#endSession();
    if (this.#entersAfterLogIn) {
      await this.join(this.#displayName || user, this.#password);
      return;
    }
    const connection = this.#connect();
    try {
      await connection.whenConnected();
    } catch {
      return; // The connection's state says why.
    }
    if (connection === this.#connection) this.#phase.set({ type: 'prejoin' });
  }

  /** To another room of the same meeting. @param breakoutJid undefined for the main room */
  async moveTo(breakoutJid: string | undefined): Promise<void> {
    const conference = this.#conference;
    const connection = this.#connection;
    if (conference === undefined || connection === undefined) return;
    if (breakoutJid === this.#breakoutJid) return;
    this.#breakoutJid = breakoutJid;
    this.#conference = undefined;
    // What was shown to some was not meant for others.
    this.#devices.screen.stop();
    this.#phase.set({ type: 'moving' });
    await conference.leave('switch_room');
    if (connection !== this.#connection || this.#phase.get().type !== 'moving') return;
    await this.#createConference(connection).join(this.#password);
  }

  /** Gives up on the question that is on the screen. */
  cancel(): void {
    this.#nextTry.clear();
    this.#endSession();
    this.#credentials = undefined;
    this.start();
  }

  get isLoggedIn(): boolean {
    return (
      this.#credentials !== undefined || this.#conference?.entrance.session.sessionId !== undefined
    );
  }

  /** Leaves, and this browser is nobody's any more. */
  async logOut(): Promise<void> {
    const { machineUid } = this.#dependencies.focusSession.load();
    this.#dependencies.focusSession.save({ machineUid });
    this.#credentials = undefined;
    this.#entersAfterLogIn = false;
    try {
      await this.#conference?.entrance.logOut();
    } catch {
      // It had expired, or the server is gone: this browser has forgotten it in any case.
    }
    await this.leave();
  }

  async leave(): Promise<void> {
    const conference = this.#conference;
    const connection = this.#connection;
    // Let go at once: who comes back before the room has confirmed starts with a connection of their own.
    this.#conference = undefined;
    this.#connection = undefined;
    this.#nextTry.clear();
    this.#closeDevices();
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
    const connection = new Connection(
      this.#dependencies.platform,
      connectionOptions(this.#config, this.roomName, this.#credentials),
    );
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
        localMedia: this.#devices.localMedia.get(),
        screen: this.#devices.screen,
        createPeerConnection,
        mixAudio,
      },
      conferenceOptions(this.#config, this.#dependencies.userAgent, {
        roomName: this.roomName,
        breakoutJid: this.#breakoutJid,
        isReturning: this.#hasEntered,
        session: this.#dependencies.focusSession.load(),
        displayName: this.#displayName,
      }),
    );
    this.#conference = conference;
    conference.state.subscribe(() => this.#handleConferenceState(conference));
    const { breakoutRooms } = conference.features;
    breakoutRooms.on('sent', (jid) => {
      const isMain = breakoutRooms.rooms.get().some((room) => room.isMain && room.jid === jid);
      if (conference === this.#conference) void this.moveTo(isMain ? undefined : jid);
    });
    return conference;
  }

  #handleConnectionState(connection: Connection): void {
    if (connection !== this.#connection) return;
    const state = connection.state.get();
    this.#connectionState.set(state);
    if (state.type !== 'closed') return;
    const meaning = meaningOfClosing(state.reason, this.#config, this.#credentials !== undefined);
    switch (meaning) {
      case 'nothing':
        return;
      case 'logIn':
        this.openLogIn();
        return;
      case 'wrongPassword':
        this.#credentials = undefined;
        this.#endSession();
        this.#phase.set({ type: 'logIn', pending: false, problem: state.text });
        return;
      case 'refused':
        this.#fail({ type: 'authentication', text: state.text });
        return;
      case 'lost':
        this.#handleLostConnection(state.text);
        return;
      default: {
        const never: never = meaning;
        throw never;
      }
    }
  }

  /** In a conference, the conference says what became of it; outside nothing was lost. */
  #handleLostConnection(text: string): void {
    const { type } = this.#phase.get();
    if (type === 'prejoin') this.#connect();
    else if (this.#conference === undefined && (type === 'joining' || type === 'recovering')) {
      this.#recover({ type: 'connectionLost', text });
    }
  }

  #handleConferenceState(conference: Conference): void {
    if (conference !== this.#conference) return;
    const state = conference.state.get();
    if (state.type === 'joined') {
      this.#hasEntered = true;
      this.times.joinedMs = this.#dependencies.platform.clock.nowMs();
      this.#nextTry.clear();
      this.#dependencies.focusSession.save(conference.entrance.session);
      this.#phase.set({ type: 'call', conference });
    } else if (state.type === 'knocking') {
      this.#nextTry.clear();
      if (state.waitingForHost) this.#phase.set({ type: 'waitingForHost' });
      else {
        const { visit } = state;
        this.#phase.set({ type: 'lobby', visit, passwordWasWrong: this.#passwordWasWrong });
      }
    } else if (state.type === 'failed') this.#handleFailure(state.failure, conference);
  }

  #handleFailure(failure: ConferenceFailure, conference: Conference): void {
    const isClosed = failure.type === 'destroyed' && failure.nextJid !== '';
    if (this.#breakoutJid !== undefined && (isClosed || failure.type === 'notAllowed')) {
      void this.moveTo(undefined);
      return;
    }
    switch (failure.type) {
      case 'membersOnly':
        this.#passwordWasWrong = failure.passwordWasWrong;
        conference.knock();
        return;
      case 'displayNameRequired':
        this.#nextTry.clear();
        this.#phase.set({ type: 'lobby', visit: undefined, passwordWasWrong: false });
        return;
      case 'authenticationRequired':
        this.#waitForHost(conference);
        return;
      case 'passwordRequired':
        this.#nextTry.clear();
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

  /** Nobody tells us when the host comes: we ask again and again. */
  #waitForHost(conference: Conference): void {
    this.#nextTry.clear();
    // Who has logged in and still is asked to: this account may not open rooms.
    if (this.#credentials !== undefined) {
      this.#fail({ type: 'notAllowed', text: '' });
      return;
    }
    this.#phase.set({ type: 'waitingForHost' });
    this.#nextTry.schedule(HOST_PAUSE_MS, () => {
      if (conference === this.#conference) void conference.join(this.#password);
    });
  }

  /** Joins again with a new connection, for a minute; then says that it did not work. */
  #recover(failure: ConferenceFailure): void {
    this.#endSession();
    this.#phase.set({ type: 'recovering' });
    this.#nextTry.giveUpLater(() => this.#fail(failure));
    this.#nextTry.schedule(RECOVERY_PAUSE_MS, () => {
      void this.join(this.#displayName, this.#password);
    });
  }

  #fail(failure: RoomFailure): void {
    this.#nextTry.clear();
    this.#endSession();
    this.#closeDevices();
    this.#phase.set({ type: 'failed', failure });
  }

  #closeDevices(): void {
    this.#breakoutJid = undefined;
    this.#hasEntered = false;
    this.#devices.close();
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
