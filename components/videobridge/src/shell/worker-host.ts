/**
 * The main thread's end of one bridge worker: starts the thread when it is needed, carries COLIBRI requests and
 * the bridge channels' texts to it, and starts it again when it died. No decision about media is here.
 */
import { Worker } from 'node:worker_threads';
import type { Clock, Logger, TimerHandle, Timers } from '@conclave/base';
import type {
  BridgeStatus,
  ColibriEvent,
  ColibriResponse,
  ConferenceModify,
} from '@conclave/protocols/colibri';
import type { ChannelCheck } from '../core/bridge-channels.ts';
import type { BridgeStats } from '../core/bridge-stats.ts';
import type { DebugQuery, DebugState } from '../core/debug-state.ts';
import type { VideobridgeOptions } from '../options.ts';
import { type ChannelHandle, type ChannelTransport, WorkerChannels } from './worker-channels.ts';
import type { FromWorker, ToWorker } from './worker-protocol.ts';

export interface WorkerHostDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}

export interface WorkerHostOptions {
  /** The name by which focus and bridge channel know this worker. */
  readonly bridgeId: string;
  readonly workerUrl: URL;
  /** Asked before each start: the port may be known only when another worker has bound it. */
  readonly bridge: () => VideobridgeOptions;
  /** Node options of the thread, e.g. `['--import', 'tsx']` from source. */
  readonly execArgv?: readonly string[];
  /** An unanswered request counts as `bridge_failed` after this, default 15000. */
  readonly requestTimeoutMs?: number;
}

export interface WorkerHostEvents {
  event(event: ColibriEvent): void;
  /** For the bridge `to`, about its conference `meetingId`. */
  message(to: string, meetingId: string, text: string): void;
  /** What STUN servers said of our address has changed. */
  addressesMapped(addresses: readonly Uint8Array[]): void;
  /** The worker died: all its conferences are gone. A restart is already planned. */
  exited(reason: string): void;
  /** A new worker is ready after `exited`. */
  restored(): void;
  /** The worker had nothing to do and was ended. These were its totals. */
  retired(counters: BridgeStats['counters']): void;
}

/**
 * What a worker that does not run yet counts as, so that it is started when the others have more to do than this; below it, one
 * thread less is less memory and fewer wake-ups.
 */
const STRESS_OF_UNUSED = 0.2;
/** First wait before a restart; doubled up to the maximum while starts keep failing. */
const RESTART_DELAY_MS = 50;
const MAX_RESTART_DELAY_MS = 5000;
/** A worker that lived this long was healthy: the next restart is quick again. */
const HEALTHY_AFTER_MS = 10_000;
/** A worker that does not end by itself in this time is ended. */
const CLOSE_TIMEOUT_MS = 1000;
/** Requests and channel checks that wait for the worker; more are refused. */
const MAX_PENDING = 10_000;

interface Pending {
  readonly timer: TimerHandle;
  readonly settle: (reply: FromWorker | undefined) => void;
}

export class WorkerHost {
  readonly bridgeId: string;
  readonly #deps: WorkerHostDependencies;
  readonly #options: WorkerHostOptions;
  readonly #events: WorkerHostEvents;
  readonly #pending = new Map<number, Pending>();
  readonly #channels: WorkerChannels;
  #worker: Worker | undefined;
  #udpPort: number | undefined;
  /** The first start, whether it is under way or over; undefined while nobody needs the worker. */
  #start: Promise<void> | undefined;
  /** The end of a worker that is not needed any more; the next one needs its place. */
  #end: Promise<void> = Promise.resolve();
  /** It died, or could not be started, and is not back. A first start that is under way is no failure: requests wait for it. */
  #isDown = false;
  #stress = 0;
  #nextId = 1;
  #restartDelayMs = RESTART_DELAY_MS;
  #restartTimer: TimerHandle | undefined;
  #startedMs = 0;
  #closed = false;

  constructor(
    dependencies: WorkerHostDependencies,
    options: WorkerHostOptions,
    events: WorkerHostEvents,
  ) {
    this.bridgeId = options.bridgeId;
    this.#deps = dependencies;
    this.#options = options;
    this.#events = events;
    const { clock, logger } = dependencies;
    this.#channels = new WorkerChannels({ clock, logger, post: (message) => this.#post(message) });
  }

  /** Whether it is needed. */
  get isStarted(): boolean {
    return this.#start !== undefined;
  }

  /** Whether the worker runs and has bound its port. */
  get isReady(): boolean {
    return this.#udpPort !== undefined;
  }

  /** The bound UDP port while the worker is ready. */
  get udpPort(): number | undefined {
    return this.#udpPort;
  }

  get status(): BridgeStatus {
    return {
      id: this.bridgeId,
      isOperational: !this.#closed && !this.#isDown,
      stress: this.isStarted ? this.#stress : STRESS_OF_UNUSED,
    };
  }

  /** Resolves when the worker has bound its port; rejects when it could not: it is tried again. The same for every call. */
  start(): Promise<void> {
    this.#start ??= this.#end.then(
      () =>
        new Promise((resolve, reject) => {
          if (this.#closed) throw new Error('the videobridge is closed');
          this.#startWorker(resolve, (reason) =>
            reject(new Error(`the videobridge did not start: ${reason}`)),
          );
        }),
    );
    return this.#start;
  }

  /** Starts the worker if need be. Never rejects. */
  async request(message: ConferenceModify): Promise<ColibriResponse> {
    if (!this.isReady) await this.start().catch(() => undefined);
    const reply = await this.#ask((id) => ({ type: 'colibri', id, message }));
    if (reply?.type === 'colibri') return reply.response;
    return { type: 'error', reason: 'bridge_failed', text: 'the videobridge does not answer' };
  }

  /** Whether a bridge channel may be opened: before the WebSocket upgrade is accepted. */
  async checkChannel(
    conferenceId: string,
    endpointId: string,
    password: string,
  ): Promise<ChannelCheck> {
    const reply = await this.#ask((id) => ({
      type: 'checkChannel',
      id,
      conferenceId,
      endpointId,
      password,
    }));
    return reply?.type === 'channelChecked' ? reply.result : 'not-found';
  }

  /**
   * Attaches an open WebSocket. The password is checked again; a wrong one closes the transport
   * with 1008. A newer channel of the same endpoint closes the older with 1000.
   */
  openChannel(
    conferenceId: string,
    endpointId: string,
    password: string,
    transport: ChannelTransport,
  ): ChannelHandle {
    if (this.#udpPort === undefined) {
      transport.close(1013, 'bridge not available');
      return { handleMessage() {}, handleClose() {} };
    }
    return this.#channels.open({ conferenceId, endpointId, password }, transport);
  }

  /** What the bridge `from` has to say about a conference that both are on. */
  handleBridgeMessage(from: string, meetingId: string, text: string): void {
    if (this.isReady) this.#post({ type: 'bridgeMessage', from, meetingId, text });
  }

  /** Whether the worker answers: it takes its messages one by one. */
  async ping(): Promise<boolean> {
    const reply = await this.#ask((id) => ({ type: 'ping', id }));
    return reply !== undefined;
  }

  /** Undefined while the worker is down. */
  async stats(): Promise<BridgeStats | undefined> {
    const reply = await this.#ask((id) => ({ type: 'stats', id }));
    return reply?.type === 'stats' ? reply.stats : undefined;
  }

  /** Undefined while the worker is down, and for what is not there. */
  async debugState(query: DebugQuery): Promise<DebugState | undefined> {
    const reply = await this.#ask((id) => ({ type: 'debug', id, query }));
    return reply?.type === 'debug' ? reply.state : undefined;
  }

  /** Test hook: ends the worker as a crash would. It is started again as after any crash. */
  killWorker(): void {
    void this.#worker?.terminate();
  }

  /** Ends the worker for good. Idempotent. Channels are closed with 1001. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#restartTimer?.cancel();
    this.#endWorker('shutdown');
    await this.#end;
  }

  /** The worker says goodbye to whoever is there, and ends. It is not started again by itself. */
  #endWorker(reason: string): void {
    const worker = this.#worker;
    if (worker === undefined) return;
    worker.removeAllListeners('exit');
    const timer = this.#deps.timers.schedule(CLOSE_TIMEOUT_MS, () => void worker.terminate());
    this.#end = new Promise((resolve) => {
      worker.once('exit', () => {
        timer.cancel();
        resolve();
      });
    });
    this.#post({ type: 'close' });
    this.#forget(reason);
  }

  /** It has nothing to do: its memory is worth more. As if it had never been started. */
  #retire(counters: BridgeStats['counters']): void {
    // Somebody came meanwhile.
    if (this.#pending.size > 0 || this.#channels.size > 0) return;
    this.#deps.logger.info('videobridge.retired');
    this.#endWorker('nothing to do');
    this.#start = undefined;
    this.#events.retired(counters);
  }

  #startWorker(onReady: () => void, onFailed: (reason: string) => void): void {
    const worker = new Worker(this.#options.workerUrl, {
      workerData: this.#options.bridge(),
      name: this.bridgeId,
      ...(this.#options.execArgv && { execArgv: [...this.#options.execArgv] }),
    });
    this.#worker = worker;
    this.#startedMs = this.#deps.clock.nowMs();
    this.#stress = 0;
    let wasReady = false;
    let reason = 'the worker ended';
    worker.on('message', (message: FromWorker) => {
      if (worker !== this.#worker) return;
      if (message.type === 'ready') {
        wasReady = true;
        this.#isDown = false;
        this.#udpPort = message.udpPort;
        this.#deps.logger.info('videobridge.ready', { udpPort: message.udpPort });
        onReady();
      } else this.#handleMessage(message);
    });
    worker.on('error', (error) => {
      reason = error instanceof Error ? error.message : String(error);
      this.#deps.logger.error('videobridge.worker.error', { error });
    });
    worker.on('exit', (code) => {
      if (worker !== this.#worker) return;
      this.#isDown = true;
      this.#forget(reason);
      if (!wasReady) onFailed(reason);
      if (this.#closed) return;
      this.#deps.logger.error('videobridge.worker.exited', { code, reason });
      if (wasReady) this.#events.exited(reason);
      this.#planRestart();
    });
  }

  #planRestart(): void {
    const livedMs = this.#deps.clock.nowMs() - this.#startedMs;
    const delayMs = livedMs >= HEALTHY_AFTER_MS ? RESTART_DELAY_MS : this.#restartDelayMs;
    this.#restartDelayMs = Math.min(delayMs * 2, MAX_RESTART_DELAY_MS);
    this.#restartTimer = this.#deps.timers.schedule(delayMs, () => {
      if (this.#closed) return;
      this.#startWorker(
        () => this.#events.restored(),
        () => {},
      );
    });
  }

  /** Everything that depended on the worker that is gone. */
  #forget(reason: string): void {
    this.#worker = undefined;
    this.#udpPort = undefined;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { timer, settle } of pending) {
      timer.cancel();
      settle(undefined);
    }
    this.#channels.closeAll(1001, `bridge gone: ${reason}`.slice(0, 100));
  }

  #handleMessage(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        return;
      case 'colibri':
      case 'channelChecked':
      case 'debug':
      case 'pong':
      case 'stats': {
        const pending = this.#pending.get(message.id);
        if (pending === undefined) return;
        this.#pending.delete(message.id);
        pending.timer.cancel();
        pending.settle(message);
        return;
      }
      case 'channelSend':
        this.#channels.send(message.channelId, message.text);
        return;
      case 'channelClose':
        this.#channels.close(message.channelId, message.code, message.reason);
        return;
      case 'event':
        this.#events.event(message.event);
        return;
      case 'bridgeSend':
        this.#events.message(message.to, message.meetingId, message.text);
        return;
      case 'addressesMapped':
        this.#events.addressesMapped(message.addresses);
        return;
      case 'load':
        this.#stress = message.stress;
        return;
      case 'idle':
        this.#retire(message.counters);
        return;
      case 'log':
        this.#deps.logger[message.level](message.event, message.fields);
        return;
      default: {
        const never: never = message;
        throw new Error(`unknown message from the worker: ${JSON.stringify(never)}`);
      }
    }
  }

  #ask(make: (id: number) => ToWorker): Promise<FromWorker | undefined> {
    if (this.#udpPort === undefined || this.#pending.size >= MAX_PENDING) {
      return Promise.resolve(undefined);
    }
    const id = this.#nextId++;
    return new Promise((settle) => {
      const timer = this.#deps.timers.schedule(this.#options.requestTimeoutMs ?? 15_000, () => {
        this.#pending.delete(id);
        settle(undefined);
      });
      this.#pending.set(id, { timer, settle });
      this.#post(make(id));
    });
  }

  #post(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }
}
