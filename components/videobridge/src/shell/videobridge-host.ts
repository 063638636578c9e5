/**
 * The main thread's end of the videobridge: its workers, which share one UDP port. The first is started with the server, the
 * others when the focus gives them something to do. To the focus each is a bridge of its own.
 */
import type {
  BridgePool,
  BridgeStatus,
  ColibriEvent,
  ColibriResponse,
  ConferenceModify,
} from '@conclave/protocols/colibri';
import type { ChannelCheck } from '../core/bridge-channels.ts';
import type { BridgeStats } from '../core/bridge-stats.ts';
import type { DebugQuery, DebugState } from '../core/debug-state.ts';
import { addCounters, mergeStats, totalsOf } from '../core/merge-stats.ts';
import type { VideobridgeOptions } from '../options.ts';
import type { ChannelHandle, ChannelTransport } from './worker-channels.ts';
import { WorkerHost, type WorkerHostDependencies } from './worker-host.ts';

export type VideobridgeHostDependencies = WorkerHostDependencies;

export interface VideobridgeHostOptions {
  /** The built `bridge-worker.js` (or a file that loads `worker.ts` from source). */
  readonly workerUrl: URL;
  readonly bridge: Omit<VideobridgeOptions, 'station' | 'mappedAddresses' | 'idleAfterMs'>;
  /** 1 to 16, default 1. */
  readonly workers?: number;
  /** A worker beyond the first that had no conference for so long is ended, until it is needed again; default 5 minutes. */
  readonly idleAfterMs?: number;
  /** Node options of the threads, e.g. `['--import', 'tsx']` from source. */
  readonly execArgv?: readonly string[];
  /** An unanswered request counts as `bridge_failed` after this, default 15000. */
  readonly requestTimeoutMs?: number;
}

const DEFAULT_BRIDGE_ID = 'jvb';
const DEFAULT_IDLE_AFTER_MS = 5 * 60_000;

export class VideobridgeHost implements BridgePool {
  readonly workers: readonly WorkerHost[];
  readonly #eventListeners: ((event: ColibriEvent) => void)[] = [];
  readonly #exitListeners: ((bridgeId: string, reason: string) => void)[] = [];
  readonly #restoredListeners: ((bridgeId: string) => void)[] = [];
  /** Once bound it is everybody's, and that of whoever is started again. */
  #udpPort: number;
  /** The same: a worker that is started when somebody waits for it cannot ask first. */
  #mappedAddresses: readonly Uint8Array[] = [];
  /** Totals of workers that were ended because they had nothing to do. */
  #retiredTotals: BridgeStats['counters'] = {};

  constructor(dependencies: VideobridgeHostDependencies, options: VideobridgeHostOptions) {
    const { workers: count = 1, bridge, idleAfterMs = DEFAULT_IDLE_AFTER_MS, ...common } = options;
    const { bridgeId: firstId = DEFAULT_BRIDGE_ID } = bridge;
    this.#udpPort = bridge.udpPort;
    this.workers = Array.from({ length: count }, (_, station) => {
      const bridgeId = station === 0 ? firstId : `${firstId}-${station + 1}`;
      return new WorkerHost(
        { ...dependencies, logger: dependencies.logger.child({ bridge: bridgeId }) },
        {
          ...common,
          bridgeId,
          bridge: () => ({
            ...bridge,
            bridgeId,
            udpPort: this.#udpPort,
            mappedAddresses: this.#mappedAddresses,
            ...(count > 1 && { station }),
            ...(station > 0 && { idleAfterMs }),
          }),
        },
        {
          event: (event) => {
            for (const listener of this.#eventListeners) listener(event);
          },
          message: (to, meetingId, text) =>
            this.#find(to)?.handleBridgeMessage(bridgeId, meetingId, text),
          addressesMapped: (addresses) => {
            this.#mappedAddresses = addresses;
          },
          exited: (reason) => {
            for (const listener of this.#exitListeners) listener(bridgeId, reason);
          },
          restored: () => {
            for (const listener of this.#restoredListeners) listener(bridgeId);
          },
          retired: (counters) => {
            this.#retiredTotals = addCounters(this.#retiredTotals, totalsOf(counters));
          },
        },
      );
    });
  }

  /** Whether a worker runs and has bound its port. */
  get isReady(): boolean {
    return this.workers.some(({ isReady }) => isReady);
  }

  /** The bound UDP port while a worker is ready. */
  get udpPort(): number | undefined {
    return this.isReady ? this.#udpPort : undefined;
  }

  /** News of conferences and endpoints. */
  onEvent(listener: (event: ColibriEvent) => void): void {
    this.#eventListeners.push(listener);
  }

  /** A worker died: all its conferences are gone. A restart is already planned. */
  onExit(listener: (bridgeId: string, reason: string) => void): void {
    this.#exitListeners.push(listener);
  }

  /** A new worker is ready after `onExit`. */
  onRestored(listener: (bridgeId: string) => void): void {
    this.#restoredListeners.push(listener);
  }

  /** Resolves when the first worker has bound its port; rejects when it could not (no restart then). */
  async start(): Promise<{ udpPort: number }> {
    const [first] = this.workers;
    try {
      await first?.start();
    } catch (error) {
      await this.close();
      throw error;
    }
    this.#udpPort = first?.udpPort ?? this.#udpPort;
    return { udpPort: this.#udpPort };
  }

  bridges(): readonly BridgeStatus[] {
    return this.workers.map(({ status }) => status);
  }

  /** Never rejects. */
  async request(bridgeId: string, message: ConferenceModify): Promise<ColibriResponse> {
    const worker = this.#find(bridgeId);
    if (worker !== undefined) return worker.request(message);
    return { type: 'error', reason: 'bridge_failed', text: `there is no bridge ${bridgeId}` };
  }

  /** Whether a bridge channel may be opened: before the WebSocket upgrade is accepted. */
  async checkChannel(
    bridgeId: string,
    conferenceId: string,
    endpointId: string,
    password: string,
  ): Promise<ChannelCheck> {
    const worker = this.#find(bridgeId);
    return worker?.checkChannel(conferenceId, endpointId, password) ?? 'not-found';
  }

  /**
   * Attaches an open WebSocket. The password is checked again; a wrong one closes the transport
   * with 1008. A newer channel of the same endpoint closes the older with 1000.
   */
  openChannel(
    bridgeId: string,
    conferenceId: string,
    endpointId: string,
    password: string,
    transport: ChannelTransport,
  ): ChannelHandle {
    const worker = this.#find(bridgeId);
    if (worker !== undefined) {
      return worker.openChannel(conferenceId, endpointId, password, transport);
    }
    transport.close(1008, 'not-found');
    return { handleMessage() {}, handleClose() {} };
  }

  /** Of all workers together. Undefined while none answers. */
  async stats(): Promise<BridgeStats | undefined> {
    const ready = this.workers.filter(({ isReady }) => isReady);
    const stats = await Promise.all(ready.map((worker) => worker.stats()));
    const merged = mergeStats(stats.filter((each) => each !== undefined));
    return merged && { ...merged, counters: addCounters(merged.counters, this.#retiredTotals) };
  }

  /** Undefined while no worker answers, and for what is not there. A conference may be on several: then by bridge. */
  async debugState(query: DebugQuery): Promise<DebugState | undefined> {
    const ready = this.workers.filter(({ isReady }) => isReady);
    const states = await Promise.all(
      ready.map(async (worker) => [worker.bridgeId, await worker.debugState(query)] as const),
    );
    const found = states.filter(([, state]) => state !== undefined);
    if (query.meetingId !== undefined) return found[0]?.[1];
    if (found.length === 0) return undefined;
    const conferences = found.map(([, state]) => state?.conferences as DebugState | undefined);
    return { conferences: Object.assign({}, ...conferences) as DebugState };
  }

  /** Test hook: ends the first worker that runs as a crash would. It is started again as after any crash. */
  killWorker(): void {
    this.workers.find(({ isReady }) => isReady)?.killWorker();
  }

  /** Ends the workers for good. Idempotent. Channels are closed with 1001. */
  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.close()));
  }

  #find(bridgeId: string): WorkerHost | undefined {
    return this.workers.find((worker) => worker.bridgeId === bridgeId);
  }
}
