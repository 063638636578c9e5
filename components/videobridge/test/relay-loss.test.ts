/**
 * Story: one packet in twenty is lost, between the sender and its bridge and again between the receiver and its bridge. A video that
 * crosses a relay in between is as good as one that does not.
 */
import type { RandomSource } from '@conclave/base';
import { PacketKind } from '@conclave/platform/packet-io';
import { expect, test } from 'vitest';
import { RelayedBridges } from './relayed-bridges.ts';
import { seededRandom, TestBridge } from './test-bridge.ts';
import type { TestEndpoint } from './test-endpoint.ts';
import { WatchingReceiver } from './watching-receiver.ts';

const STEP_MS = 11;
const STEPS_PER_FRAME = 3;
const ONE_WAY_MS = 22;
const FRAMES = 300;
const SEEDS = [3, 7];
const LOSS = 0.05;

class LossyCall {
  readonly sender: TestEndpoint;
  readonly watcher: WatchingReceiver;
  readonly #receiver: TestEndpoint;
  readonly #pump: () => void;
  readonly #random: RandomSource;
  /** What is under way, by when it arrives. */
  readonly #way: { readonly atMs: number; readonly arrive: () => void }[] = [];
  #owesKeyframe = true;
  lost = 0;
  keyframes = 0;

  constructor(sender: TestEndpoint, receiver: TestEndpoint, seed: number, pump: () => void) {
    this.#random = seededRandom(seed);
    this.sender = sender;
    this.#receiver = receiver;
    this.#pump = pump;
    const [{ ssrc, rtxSsrc }] = sender.encodings as [TestEndpoint['encodings'][number]];
    this.watcher = new WatchingReceiver(receiver, ssrc, rtxSsrc);
    receiver.want({ defaultConstraints: { maxHeight: 720 } });
    pump();
  }

  get #nowMs(): number {
    return this.#receiver.bridge.nowMs;
  }

  run(): void {
    for (let frame = 0; frame < FRAMES; frame++) {
      const isKey = this.#owesKeyframe;
      this.#owesKeyframe = false;
      if (isKey) this.keyframes++;
      for (const layer of [0, 1, 2]) {
        for (const packet of this.sender.makeFrame(layer, { isKey })) {
          this.#send(() => this.sender.bridge.receive(this.sender, PacketKind.rtp, packet));
        }
      }
      for (let i = 0; i < STEPS_PER_FRAME; i++) this.#step();
    }
  }

  #step(): void {
    for (const bridge of new Set([this.sender.bridge, this.#receiver.bridge])) {
      bridge.advance(STEP_MS);
    }
    while ((this.#way[0]?.atMs ?? Number.POSITIVE_INFINITY) <= this.#nowMs) {
      this.#way.shift()?.arrive();
      this.#pump();
    }
    this.#obey();
    for (const { peer, bytes } of this.#receiver.bridge.io.sent.splice(0)) {
      if (peer === this.#receiver.peer) this.#send(() => this.#arrive(bytes));
    }
    this.watcher.handleTick(this.#nowMs);
    this.#pump();
  }

  /** The sender does what its bridge asks for. */
  #obey(): void {
    const { sender } = this;
    if (sender.keyframesAsked.length > 0) this.#owesKeyframe = true;
    for (const [layer, { ssrc }] of sender.encodings.entries()) {
      for (const seq of sender.nacked(ssrc)) {
        this.#send(() => sender.sendRtx(layer, seq), 2 * ONE_WAY_MS);
      }
    }
    const { sentRtcp } = sender.bridge.io;
    sentRtcp.splice(0, sentRtcp.length, ...sentRtcp.filter(({ peer }) => peer !== sender.peer));
  }

  #arrive(bytes: Uint8Array): void {
    const ssrc = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8);
    const arrival = { atMs: this.#nowMs, ssrc, payloadType: 0, hasPadding: false, bytes };
    this.watcher.handle(arrival, this.#nowMs);
  }

  #send(arrive: () => void, delayMs = ONE_WAY_MS): void {
    const [draw = 0] = this.#random.bytes(1);
    if (draw < LOSS * 256) {
      this.lost++;
      return;
    }
    this.#way.push({ atMs: this.#nowMs + delayMs, arrive });
    this.#way.sort((a, b) => a.atMs - b.atMs);
  }
}

function onOneBridge(seed: number): LossyCall {
  const bridge = new TestBridge();
  const ann = bridge.join('ann');
  return new LossyCall(ann, bridge.join('bob'), seed, () => {});
}

function overRelay(seed: number): LossyCall {
  const bridges = new RelayedBridges();
  const ann = bridges.join(bridges.a, 'ann');
  const bob = bridges.join(bridges.b, 'bob');
  bridges.connect();
  return new LossyCall(ann, bob, seed, () => bridges.pump());
}

/** Means over the seeds. */
function measure(start: (seed: number) => LossyCall) {
  const total = { shown: 0, top: 0, keyframes: 0, lost: 0 };
  for (const seed of SEEDS) {
    const call = start(seed);
    call.run();
    const { shown } = call.watcher;
    total.shown += shown.length;
    total.top += shown.filter(({ layer }) => layer === 2).length;
    total.keyframes += call.keyframes;
    total.lost += call.lost;
  }
  const frames = FRAMES * SEEDS.length;
  return { ...total, shown: total.shown / frames, top: total.top / frames };
}

test('video over a relay is as good as without one', () => {
  const [one, relayed] = [measure(onOneBridge), measure(overRelay)];
  expect(relayed.lost).toBeGreaterThan((FRAMES * SEEDS.length) / 3);
  expect(relayed.shown).toBeGreaterThan(0.95);
  expect(relayed.shown).toBeGreaterThan(one.shown - 0.02);
  expect(relayed.top).toBeGreaterThan(one.top - 0.02);
  expect(relayed.keyframes).toBeLessThan(one.keyframes * 1.5);
}, 20_000);
