/** Story: six cameras and two voices over a link that becomes far too small for them. */
import { PacketKind } from '@conclave/platform/packet-io';
import { RtcpCursor, RtcpType } from '@conclave/protocols/rtcp';
import { SeededRandom } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { ReceiverLink } from './receiver-link.ts';
import { TEMPORAL_PATTERN } from './temporal-pattern.ts';
import { TestBridge } from './test-bridge.ts';
import type { TestEndpoint } from './test-endpoint.ts';
import { WatchingReceiver } from './watching-receiver.ts';

const STEP_MS = 5;
const FRAME_MS = 100;
const AUDIO_BYTES = 100;
/** Of the base layer the other frames need less. */
const PARTS = [1.6, 1, 0.7];
/** Key frames are so much larger than others. */
const KEY_PART = 5;
/** Who spent so many frames' worth more than it may leaves frames out. */
const MAX_DEBT = 2;
/** Two of the three encodings arrive. */
const STAGE_BPS = [140_000, 640_000];
const TILE_BPS = [200_000];

class Camera {
  readonly endpoint: TestEndpoint;
  readonly #rates: readonly number[];
  readonly #random: SeededRandom;
  /** Of each encoding: what it spent more than it may, in frames. */
  readonly #debts: number[] = [];
  #read = 0;
  #at = 0;

  constructor(endpoint: TestEndpoint, rates: readonly number[], random: SeededRandom) {
    this.endpoint = endpoint;
    this.#rates = rates;
    this.#random = random;
  }

  sendFrame(): void {
    const { endpoint } = this;
    const { sentRtcp } = endpoint.bridge.io;
    const news = sentRtcp.slice(this.#read);
    this.#read = sentRtcp.length;
    const isAsked = news.some(
      ({ peer, bytes }) => peer === endpoint.peer && asksForKeyFrame(bytes),
    );
    const isKey = isAsked || this.#at === 0;
    if (isKey) this.#at = 0;
    const frame = TEMPORAL_PATTERN[this.#at++ % TEMPORAL_PATTERN.length]!;
    endpoint.frame++;
    this.#rates.forEach((bps, layer) => {
      const debt = Math.max(0, (this.#debts[layer] ?? 0) - 1);
      this.#debts[layer] = debt;
      if (debt > MAX_DEBT && !isKey) return;
      const noise = 0.8 + 0.4 * this.#random.fraction();
      const part = isKey ? KEY_PART : PARTS[frame.temporalId]!;
      this.#debts[layer] = debt + part;
      const bytes = ((bps * FRAME_MS) / 8000) * part * noise;
      const packets = Math.ceil(bytes / 1150);
      for (const packet of endpoint.makeFrame(layer, { isKey, packets, ...frame })) {
        const padded = new Uint8Array(Math.max(packet.length, Math.round(bytes / packets)));
        padded.set(packet);
        endpoint.bridge.queue(endpoint, PacketKind.rtp, padded);
      }
    });
    endpoint.bridge.deliver();
  }
}

function asksForKeyFrame(bytes: Uint8Array): boolean {
  const cursor = new RtcpCursor();
  cursor.reset(bytes, 0, bytes.length);
  while (cursor.next()) if (cursor.type === RtcpType.payloadFeedback) return true;
  return false;
}

/** What a receiver gets of the stage between two times. */
interface Experience {
  readonly longestFreezeMs: number;
  readonly framesPerSecond: number;
  readonly lostAudioPercent: number;
}

class Crowd {
  readonly bridge = new TestBridge({ slotCount: 4096 });
  readonly #cameras: Camera[];
  readonly #link: ReceiverLink;
  readonly #watcher: WatchingReceiver;
  readonly #offsetMs: number;
  #seen = 0;
  #heldUpToMs = 0;
  #nextFrameMs: number;
  #audioSent = 0;

  constructor(seed: number) {
    const random = new SeededRandom(seed);
    const senders = ['ann', 'ben', 'cid', 'dot', 'eve', 'fay'].map((id) => this.bridge.join(id));
    this.#cameras = senders.map((endpoint, i) => {
      return new Camera(endpoint, i === 0 ? STAGE_BPS : TILE_BPS, random);
    });
    const far = this.bridge.join('far');
    const link = { queueMs: 200, burstBytes: 1600, overheadBytes: 58 };
    this.#link = new ReceiverLink(this.bridge, far, 20e6, link);
    const { ssrc, rtxSsrc } = senders[0]!.encodings[0]!;
    this.#watcher = new WatchingReceiver(far, ssrc, rtxSsrc);
    this.#offsetMs = random.integer(0, 19) * STEP_MS;
    this.#nextFrameMs = this.bridge.nowMs + this.#offsetMs;
    far.want({
      lastN: -1,
      onStageSources: ['ann-v0'],
      defaultConstraints: { maxHeight: 180 },
      constraints: { 'ann-v0': { maxHeight: 360 } },
    });
  }

  set isCut(isCut: boolean) {
    this.#link.isCut = isCut;
  }

  set capacityBps(bps: number) {
    this.#link.capacityBps = bps;
  }

  /** The machine of the cameras does nothing for so long; then come all the frames of that time at once, or none of them. */
  holdUp(ms: number, areFramesKept: boolean): void {
    this.#heldUpToMs = this.bridge.nowMs + ms;
    if (!areFramesKept) this.#nextFrameMs += Math.ceil(ms / FRAME_MS) * FRAME_MS;
  }

  run(ms: number): Experience {
    const beganMs = this.bridge.nowMs;
    const endMs = beganMs + ms;
    const voices = this.#cameras.slice(0, 2).map(({ endpoint }) => endpoint.audioSsrc);
    const lostAudio = () =>
      voices.reduce((sum, ssrc) => sum + (this.#link.lostBySsrc.get(ssrc) ?? 0), 0);
    const lostBefore = lostAudio();
    this.#audioSent = 0;
    while (this.bridge.nowMs < endMs) this.#step();
    const times = this.#watcher.shown.map(({ atMs }) => atMs).filter((atMs) => atMs >= beganMs);
    const edges = [beganMs, ...times, endMs];
    return {
      longestFreezeMs: Math.max(...edges.slice(1).map((atMs, i) => atMs - edges[i]!)),
      framesPerSecond: (times.length * 1000) / ms,
      lostAudioPercent: (100 * (lostAudio() - lostBefore)) / Math.max(1, this.#audioSent),
    };
  }

  #step(): void {
    const { bridge } = this;
    bridge.nowMs += STEP_MS;
    const { nowMs, core } = bridge;
    while (nowMs >= Math.max(this.#nextFrameMs, this.#heldUpToMs)) {
      this.#nextFrameMs += FRAME_MS;
      for (const camera of this.#cameras) camera.sendFrame();
    }
    if (nowMs % 20 === 0) {
      for (const { endpoint } of this.#cameras.slice(0, 2)) {
        endpoint.sendAudio(40, AUDIO_BYTES);
        this.#audioSent++;
      }
      core.handleTick(nowMs);
    } else core.sendPaced(nowMs);
    this.#link.run();
    const { arrivals } = this.#link;
    for (; this.#seen < arrivals.length; this.#seen++) {
      this.#watcher.handle(arrivals[this.#seen]!, nowMs);
    }
    this.#watcher.handleTick(nowMs);
    // The bridge's whole history would make each look at it slower.
    this.#link.forget();
    this.#seen = 0;
  }
}

test.each([1, 2, 3, 4, 5, 6])(
  'six senders, suddenly 300 kbit/s: voices whole, the stage alive (seed %i)',
  { timeout: 30_000 },
  (seed) => {
    const crowd = new Crowd(seed);
    crowd.run(4000);
    const clean = crowd.run(2000);
    expect(clean.framesPerSecond).toBe(10);
    expect(clean.lostAudioPercent).toBe(0);

    crowd.capacityBps = 300_000;
    const cut = crowd.run(3000);
    expect(cut.longestFreezeMs).toBeLessThan(1300);
    // Half a second passes before anybody knows; then the queue on the path must get empty.
    expect(cut.lostAudioPercent).toBeLessThan(16);

    const settled = crowd.run(12_000);
    expect(settled.lostAudioPercent).toBeLessThan(0.5);
    expect(settled.longestFreezeMs).toBeLessThan(600);
    expect(settled.framesPerSecond).toBeGreaterThan(4);

    crowd.bridge.core.close(crowd.bridge.nowMs);
    expect(crowd.bridge.io.freeSlots).toBe(crowd.bridge.io.slotCount);
  },
);

test.each([
  [1, false],
  [2, true],
  [3, false],
  [4, true],
])(
  'six senders, whose machine is held up: the stage comes back when they do (seed %i)',
  (seed, areFramesKept) => {
    const heldUpMs = 1300;
    const crowd = new Crowd(seed);
    crowd.run(4000);
    crowd.capacityBps = 300_000;
    crowd.run(5000);
    for (let i = 0; i < 4; i++) {
      crowd.holdUp(heldUpMs, areFramesKept);
      const { longestFreezeMs, lostAudioPercent } = crowd.run(4000);
      expect(longestFreezeMs).toBeLessThan(heldUpMs + 700);
      expect(lostAudioPercent).toBeLessThan(areFramesKept ? 15 : 1);
    }
  },
);

test.each([1, 2, 3])('an outage of a second is over when it is over (seed %i)', (seed) => {
  const crowd = new Crowd(seed);
  crowd.run(6000);
  crowd.isCut = true;
  crowd.run(1000);
  crowd.isCut = false;
  crowd.run(1500);
  const after = crowd.run(4000);
  expect(after.framesPerSecond).toBeGreaterThan(8);
  expect(after.longestFreezeMs).toBeLessThan(500);
});
