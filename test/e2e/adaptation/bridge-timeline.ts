/**
 * What the bridge did for one receiver, looked at several times a second over its private port. Two uses: it goes into the
 * failure of a test, where it is often all there is to find the cause by; and it tells how long a camera sent nothing
 * at all, which is no fault of the bridge.
 */
import { setTimeout as delay } from 'node:timers/promises';

/** The little of `/debug?full=true` that is read. */
interface DebugState {
  readonly conferences: Readonly<
    Record<string, { readonly endpoints: Readonly<Record<string, DebugEndpoint>> }>
  >;
}

interface DebugEndpoint {
  readonly waitingBytes: number;
  readonly bandwidth: {
    readonly estimateBps: number;
    readonly delayBps: number;
    /** Null is unlimited. */
    readonly usedBps: number | null;
    readonly lossBps: number | null;
    readonly queueMs: number;
    readonly loss: number;
    readonly isProbing: boolean;
  };
  readonly sources: readonly DebugSource[];
  readonly received: readonly DebugReceived[];
}

interface DebugSource {
  readonly name: string;
  readonly type: 'audio' | 'video';
  readonly keyframesRequested?: number;
  readonly keyframesReceived?: number;
  readonly streams: readonly { readonly bitrateBps: number; readonly quietMs?: number }[];
}

interface DebugReceived {
  readonly source: string;
  readonly targetIndex: number;
  readonly targetTemporalId: number;
  readonly currentIndex: number;
  readonly isWaitingForKeyframe: boolean;
  readonly sentPackets: number;
  readonly repeatedPackets: number;
}

/** One look. */
interface Row {
  /** On the clock of `performance.now()`. */
  readonly atMs: number;
  readonly text: string;
  /** For so long nothing had come of the camera's smallest encoding. */
  readonly quietMs: number;
}

const INTERVAL_MS = 100;
const ALL_TEMPORAL_LAYERS = 3;

export class BridgeTimeline {
  readonly #url: string;
  readonly #abort = new AbortController();
  #rows: Row[] = [];
  #receiverId = '';
  #senderId = '';

  private constructor(privatePort: number) {
    this.#url = `http://127.0.0.1:${privatePort}/debug?full=true`;
  }

  /** Looks until `close`, once it is told at whom. */
  static start(privatePort: number): BridgeTimeline {
    const timeline = new BridgeTimeline(privatePort);
    void timeline.#run();
    return timeline;
  }

  /** From now on about what `receiverId` is sent of `senderId`; what was before is forgotten. */
  follow(receiverId: string, senderId: string): void {
    this.#receiverId = receiverId;
    this.#senderId = senderId;
    this.#rows = [];
  }

  /** Longest time since `fromMs`, of `performance.now()`, for which nothing came of the camera's smallest encoding. */
  longestQuietMs(fromMs: number): number {
    return Math.max(0, ...this.#since(fromMs).map(({ quietMs }) => quietMs));
  }

  /** One line for each look since `fromMs`, from where on times in the lines count. */
  text(fromMs: number): string {
    const lines = this.#since(fromMs).map(
      ({ atMs, text }) => `${((atMs - fromMs) / 1000).toFixed(2).padStart(6)} ${text}`,
    );
    return [LEGEND, ...lines].join('\n');
  }

  close(): void {
    this.#abort.abort();
  }

  #since(fromMs: number): readonly Row[] {
    return this.#rows.filter(({ atMs }) => atMs >= fromMs);
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        if (this.#receiverId !== '') await this.#look(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#rows.push({ atMs: performance.now(), text: String(error), quietMs: 0 });
      }
      await delay(INTERVAL_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const response = await fetch(this.#url, { signal });
    const { conferences } = (await response.json()) as DebugState;
    for (const { endpoints } of Object.values(conferences)) {
      const receiver = endpoints[this.#receiverId];
      const camera = endpoints[this.#senderId]?.sources.find(({ type }) => type === 'video');
      if (receiver === undefined || camera === undefined) continue;
      const text = `${networkOf(receiver)} | ${pictureOf(receiver, camera)}`;
      this.#rows.push({ atMs: performance.now(), text, quietMs: camera.streams[0]?.quietMs ?? 0 });
    }
  }
}

const LEGEND =
  '     s estimate (by delay, by loss, used) kbit/s, queue on the path, lost, waiting here | encoding.temporal layer (? waits for its key frame), packets sent + repeated, key frames come/asked for, kbit/s of encodings, others that are sent';

function networkOf({ bandwidth, waitingBytes }: DebugEndpoint): string {
  const { estimateBps, usedBps, delayBps, lossBps, queueMs, loss, isProbing } = bandwidth;
  const rates = [delayBps, lossBps, usedBps].map(kbps).join(', ');
  return `${kbps(estimateBps)} (${rates}) ${queueMs} ms ${Math.round(100 * loss)} % ${waitingBytes} B${isProbing ? ' probing' : ''}`;
}

function pictureOf({ received }: DebugEndpoint, camera: DebugSource): string {
  const others = received.filter(({ source, targetIndex }) => {
    return source !== camera.name && targetIndex >= 0;
  }).length;
  const shown = received.find(({ source }) => source === camera.name);
  if (shown === undefined) return `not there; others ${others}`;
  const { targetIndex, targetTemporalId, currentIndex, isWaitingForKeyframe } = shown;
  const temporal = targetTemporalId === ALL_TEMPORAL_LAYERS ? 'all' : targetTemporalId;
  const target = targetIndex < 0 ? 'off' : `${targetIndex}.${temporal}`;
  const now = currentIndex === targetIndex ? '' : ` from ${currentIndex}`;
  const rates = camera.streams.map(({ bitrateBps }) => kbps(bitrateBps)).join('/');
  const { keyframesReceived = 0, keyframesRequested = 0 } = camera;
  return `${target}${now}${isWaitingForKeyframe ? '?' : ''}, ${shown.sentPackets}+${shown.repeatedPackets}, ${keyframesReceived}/${keyframesRequested}, ${rates}, ${others}`;
}

function kbps(bps: number | null): string {
  return bps === null ? '-' : String(Math.round(bps / 1000));
}
