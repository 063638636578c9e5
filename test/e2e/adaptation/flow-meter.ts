/** Measures what one participant gets of another: how smooth, how high, how complete. */
import { setTimeout as delay } from 'node:timers/promises';
import type { LjmClient } from '../ljm/ljm-client.ts';

/** A frame as it was shown, in ms since the meter's last `begin`. */
export interface ShownFrame {
  readonly atMs: number;
  readonly height: number;
}

export interface FlowMeasurement {
  readonly durationMs: number;
  readonly frames: readonly ShownFrame[];
  /** Shown per second. */
  readonly framesPerSecond: number;
  /** Decoded, of what the sender encoded meanwhile at the last height: a slow machine makes both smaller. */
  readonly partOfFrames: number;
  /** Longest time without a new picture. */
  readonly longestFreezeMs: number;
  /** Longest time without sound. */
  readonly longestQuietMs: number;
  /** Audio that the receiver had to invent, of all that it played. */
  readonly concealedPart: number;
  readonly receivedBps: number;
  /** Of the last frame, px. */
  readonly height: number;
  /** By how much the receiving page's timers were late at most. */
  readonly lateMs: number;
}

type Stats = Readonly<Record<string, unknown>>;

export class FlowMeter {
  readonly #receiver: LjmClient;
  readonly #sender: LjmClient;
  #beganMs = 0;
  #lastFrameMs = 0;
  #lastHeight = 0;
  #frames: ShownFrame[] = [];
  #quietMs: number[] = [];
  #longestFreezeMs = 0;
  #lateMs = 0;
  #nowMs = 0;
  #before: Counters = NOTHING;

  private constructor(receiver: LjmClient, sender: LjmClient) {
    this.#receiver = receiver;
    this.#sender = sender;
  }

  static async start(receiver: LjmClient, sender: LjmClient): Promise<FlowMeter> {
    const meter = new FlowMeter(receiver, sender);
    await receiver.participant.page.evaluate((id) => window.call.watchFlow(id), sender.id);
    await meter.begin();
    return meter;
  }

  /** Forgets what was before now. */
  async begin(): Promise<void> {
    await this.#read();
    this.#beganMs = this.#nowMs;
    this.#lastFrameMs = Math.max(this.#lastFrameMs, this.#beganMs);
    this.#frames = [];
    this.#quietMs = [];
    this.#longestFreezeMs = 0;
    this.#lateMs = 0;
    this.#before = await readCounters(this.#receiver, this.#sender);
  }

  /** Ms since `begin` at which `isReached` first held for a frame; undefined when not within `timeoutMs`. */
  async until(
    isReached: (frame: ShownFrame) => boolean,
    timeoutMs: number,
  ): Promise<number | undefined> {
    for (;;) {
      await this.#read();
      const found = this.#frames.find(isReached);
      if (found !== undefined) return found.atMs;
      if (this.#nowMs - this.#beganMs > timeoutMs) return undefined;
      await delay(100);
    }
  }

  /** What happened between `begin` and `durationMs` after it, or now if that is later. */
  async measure(durationMs: number): Promise<FlowMeasurement> {
    const leftMs = durationMs - (this.#nowMs - this.#beganMs);
    if (leftMs > 0) await delay(leftMs);
    await this.#read();
    const after = await readCounters(this.#receiver, this.#sender);
    const tookMs = this.#nowMs - this.#beganMs;
    const difference = (
      name: 'framesDecoded' | 'bytesReceived' | 'concealedSamples' | 'totalSamples',
    ) => after[name] - this.#before[name];
    const encoded = ({ framesEncoded, framesTaken }: Counters) =>
      // All spatial layers of an SVC codec are one stream, and each counts.
      framesEncoded.size === 1 ? framesTaken : (framesEncoded.get(this.#lastHeight) ?? 0);
    return {
      durationMs: tookMs,
      frames: this.#frames,
      framesPerSecond: (this.#frames.length * 1000) / tookMs,
      partOfFrames: difference('framesDecoded') / (encoded(after) - encoded(this.#before)),
      longestFreezeMs: Math.max(this.#longestFreezeMs, this.#nowMs - this.#lastFrameMs),
      longestQuietMs: Math.max(0, ...this.#quietMs),
      concealedPart: difference('concealedSamples') / difference('totalSamples'),
      receivedBps: (difference('bytesReceived') * 8000) / tookMs,
      height: this.#lastHeight,
      lateMs: this.#lateMs,
    };
  }

  async #read(): Promise<void> {
    const { page } = this.#receiver.participant;
    const reading = await page.evaluate(() => window.call.readFlow());
    if (reading === undefined) throw new Error('nothing is watched');
    for (const { atMs, height } of reading.frames) {
      this.#longestFreezeMs = Math.max(this.#longestFreezeMs, atMs - this.#lastFrameMs);
      this.#lastFrameMs = atMs;
      this.#lastHeight = height;
      this.#frames.push({ atMs: atMs - this.#beganMs, height });
    }
    this.#quietMs.push(...reading.quietMs);
    this.#lateMs = Math.max(this.#lateMs, reading.lateMs);
    this.#nowMs = reading.nowMs;
  }
}

interface Counters {
  readonly framesDecoded: number;
  /** By height. */
  readonly framesEncoded: ReadonlyMap<number, number>;
  /** By the camera. */
  readonly framesTaken: number;
  readonly bytesReceived: number;
  readonly concealedSamples: number;
  readonly totalSamples: number;
}

const NOTHING: Counters = {
  framesDecoded: 0,
  framesEncoded: new Map(),
  framesTaken: 0,
  bytesReceived: 0,
  concealedSamples: 0,
  totalSamples: 0,
};

async function readCounters(receiver: LjmClient, sender: LjmClient): Promise<Counters> {
  const read = async (client: LjmClient): Promise<readonly Stats[]> => {
    const { page } = client.participant;
    return (await page.evaluate(() => window.signedMedia.readStats())).flat();
  };
  const [received, sent] = await Promise.all([read(receiver), read(sender)]);
  const inbound = received.filter(({ type }) => type === 'inbound-rtp');
  const { page } = receiver.participant;
  const tracks = await page.evaluate((id) => window.call.trackIdsOf(id), sender.id);
  const of = (kind: string) =>
    inbound.find((stats) => stats.kind === kind && tracks.includes(String(stats.trackIdentifier)));
  const sum = (name: string) =>
    inbound.reduce((total, stats) => total + Number(stats[name] ?? 0), 0);
  return {
    framesDecoded: Number(of('video')?.framesDecoded ?? 0),
    framesEncoded: new Map(
      sent
        .filter(({ type, kind, framesEncoded }) => {
          return type === 'outbound-rtp' && kind === 'video' && Number(framesEncoded) > 0;
        })
        .map(({ frameHeight, framesEncoded }) => [Number(frameHeight), Number(framesEncoded)]),
    ),
    framesTaken: Number(
      sent.find(({ type, kind }) => type === 'media-source' && kind === 'video')?.frames ?? 0,
    ),
    bytesReceived: sum('bytesReceived') + sum('headerBytesReceived'),
    concealedSamples: Number(of('audio')?.concealedSamples ?? 0),
    totalSamples: Number(of('audio')?.totalSamplesReceived ?? 0),
  };
}
