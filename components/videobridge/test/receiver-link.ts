/** The way from the bridge to one receiver as a bottleneck, and the receiver's feedback on it. */
import { PacketKind } from '@conclave/platform/packet-io';
import { TransportCcRecorder, TransportCcWriter } from '@conclave/protocols/rtcp';
import { RtpHeader } from '@conclave/protocols/rtp';
import type { TestBridge } from './test-bridge.ts';
import type { TestEndpoint } from './test-endpoint.ts';

const DELAY_MS = 20;
const QUEUE_MS = 300;
/** IP, UDP and SRTP around each packet are left out: the estimate counts without them too. */
const FEEDBACK_SSRC = 77;

export interface Arrival {
  readonly atMs: number;
  readonly ssrc: number;
  readonly payloadType: number;
  readonly hasPadding: boolean;
  readonly bytes: Uint8Array;
}

export class ReceiverLink {
  capacityBps: number;
  /** Whether the client sends transport-cc feedback. */
  hasFeedback = true;
  /** Everything that came out at the far end. */
  readonly arrivals: Arrival[] = [];
  lost = 0;
  readonly #bridge: TestBridge;
  readonly #receiver: TestEndpoint;
  readonly #recorder = new TransportCcRecorder({ senderSsrc: FEEDBACK_SSRC });
  readonly #writer = new TransportCcWriter();
  readonly #header = new RtpHeader();
  readonly #out = new Uint8Array(1200);
  readonly #way: Arrival[] = [];
  #busyUntilMs = 0;
  #seen = 0;

  constructor(bridge: TestBridge, receiver: TestEndpoint, capacityBps: number) {
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

  #enter(bytes: Uint8Array, nowMs: number): void {
    if (this.#busyUntilMs - nowMs > QUEUE_MS) {
      this.lost++;
      return;
    }
    this.#busyUntilMs =
      Math.max(this.#busyUntilMs, nowMs) + (bytes.length * 8000) / this.capacityBps;
    const header = this.#header;
    if (!header.read(bytes, 0, bytes.length)) throw new Error('the bridge sent no valid RTP');
    this.#way.push({
      atMs: this.#busyUntilMs + DELAY_MS,
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
