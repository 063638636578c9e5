/** The way from the bridge to one receiver as a bottleneck, and the receiver's feedback on it. */
import { PacketKind } from '@conclave/platform/packet-io';
import { TransportCcRecorder, TransportCcWriter } from '@conclave/protocols/rtcp';
import { RtpHeader } from '@conclave/protocols/rtp';
import type { TestBridge } from './test-bridge.ts';
import type { TestEndpoint } from './test-endpoint.ts';

const DELAY_MS = 20;
const FEEDBACK_SSRC = 77;

export interface Arrival {
  readonly atMs: number;
  readonly ssrc: number;
  readonly payloadType: number;
  readonly hasPadding: boolean;
  readonly bytes: Uint8Array;
}

export interface LinkOptions {
  /** Longest queue, default 300. */
  readonly queueMs?: number;
  /** What a shaper lets through at once after a pause, default 0. */
  readonly burstBytes?: number;
  /** Ethernet, IP, UDP and SRTP around each packet, default 0. */
  readonly overheadBytes?: number;
}

export class ReceiverLink {
  capacityBps: number;
  readonly #options: LinkOptions;
  /** Nothing gets through. */
  isCut = false;
  /** Whether the client sends transport-cc feedback. */
  hasFeedback = true;
  /** Everything that came out at the far end. */
  readonly arrivals: Arrival[] = [];
  lost = 0;
  readonly lostBySsrc = new Map<number, number>();
  readonly #bridge: TestBridge;
  readonly #receiver: TestEndpoint;
  /** As often as libwebrtc at most. */
  readonly #recorder = new TransportCcRecorder({ senderSsrc: FEEDBACK_SSRC, intervalMs: 50 });
  readonly #writer = new TransportCcWriter();
  readonly #header = new RtpHeader();
  readonly #out = new Uint8Array(1200);
  readonly #way: Arrival[] = [];
  #busyUntilMs = 0;
  #seen = 0;

  constructor(
    bridge: TestBridge,
    receiver: TestEndpoint,
    capacityBps: number,
    options: LinkOptions = {},
  ) {
    this.#options = options;
    this.#bridge = bridge;
    this.#receiver = receiver;
    this.capacityBps = capacityBps;
  }

  /** Call every few milliseconds of the bridge's time. */
  run(): void {
    const { nowMs, io } = this.#bridge;
    for (; this.#seen < io.sent.length; this.#seen++) {
      const { peer, bytes } = io.sent[this.#seen]!;
      if (peer === this.#receiver.peer) this.#enter(bytes, nowMs);
    }
    while ((this.#way[0]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs) this.#leave();
    const dueMs = this.#recorder.nextTimeoutMs;
    if (!this.hasFeedback || dueMs === undefined || dueMs > nowMs) return;
    for (;;) {
      const length = this.#recorder.writeFeedback(this.#writer, this.#out, 0, 1200, nowMs);
      if (length === 0) return;
      this.#bridge.receive(this.#receiver, PacketKind.rtcp, this.#out.slice(0, length));
    }
  }

  /** What was sent and what arrived, for a long story. */
  forget(): void {
    this.#bridge.io.sent.splice(0, this.#seen);
    this.#seen = 0;
    this.arrivals.length = 0;
  }

  #enter(bytes: Uint8Array, nowMs: number): void {
    const { queueMs = 300, burstBytes = 0, overheadBytes = 0 } = this.#options;
    const header = this.#header;
    if (!header.read(bytes, 0, bytes.length)) throw new Error('the bridge sent no valid RTP');
    if (this.isCut || this.#busyUntilMs - nowMs > queueMs) {
      this.lost++;
      this.lostBySsrc.set(header.ssrc, (this.lostBySsrc.get(header.ssrc) ?? 0) + 1);
      return;
    }
    const onTheWire = (size: number) => (size * 8000) / this.capacityBps;
    this.#busyUntilMs =
      Math.max(this.#busyUntilMs, nowMs - onTheWire(burstBytes)) +
      onTheWire(bytes.length + overheadBytes);
    this.#way.push({
      atMs: Math.max(nowMs, this.#busyUntilMs) + DELAY_MS,
      ssrc: header.ssrc,
      payloadType: header.payloadType,
      hasPadding: (bytes[0]! & 0x20) !== 0,
      bytes,
    });
  }

  #leave(): void {
    const arrival = this.#way.shift()!;
    this.arrivals.push(arrival);
    const header = this.#header;
    if (!header.read(arrival.bytes, 0, arrival.bytes.length)) return;
    const at = header.findExtension(arrival.bytes, 5);
    if (at < 0) return;
    const seq = arrival.bytes[at]! * 256 + arrival.bytes[at + 1]!;
    this.#recorder.handlePacket(seq, header.marker, arrival.atMs);
  }
}
