/** How a synthetic participant reaches the bridge: the real packet-io, controlled ICE (RFC 8445), DTLS as client. */
import { performance } from 'node:perf_hooks';
import { randomHex } from '@conclave/base';
import { hmacSha1, systemRandom } from '@conclave/platform/crypto';
import {
  ADDRESS_BYTES,
  createPacketIo,
  createSelfSignedCertificate,
  type PacketIo,
  PacketKind,
  RX_WORDS,
  Rx,
  SLOT_SIZE,
} from '@conclave/platform/packet-io';
import type { IceTransport } from '@conclave/protocols/colibri';
import { IceAgent } from '@conclave/protocols/ice';

const certificate = createSelfSignedCertificate({
  commonName: 'participant',
  alternativeNames: [],
  validDays: 7,
});

export interface MediaTransportEvents {
  /** A decrypted packet lies in the slot; the slot is released after the call. */
  packet(slot: number, length: number, kind: number, arrivalMs: number): void;
}

export interface MediaTransportOptions {
  /** Packets that can be on their way to us at a time, default 512. */
  readonly slots?: number;
  /** See packet-io; defaults as there. */
  readonly address?: string;
  readonly batchWindowUs?: number;
}

/** Written at a time. */
const TX_CAPACITY = 512;

export class MediaTransport {
  isConnected = false;
  failure: string | undefined;
  /** Nothing that comes is looked at. */
  isDeaf = false;
  readonly io: PacketIo;
  readonly peer: number;
  readonly #agent: IceAgent;
  readonly #remote: IceTransport;
  readonly #events: MediaTransportEvents;

  constructor(
    remote: IceTransport,
    events: MediaTransportEvents,
    { slots = 512, ...options }: MediaTransportOptions = {},
  ) {
    this.#remote = remote;
    this.#events = events;
    this.io = createPacketIo(
      { port: 0, slotCount: slots, txCapacity: TX_CAPACITY, ...options, ...certificate },
      {
        onBatch: (count, nowMs) => this.#handleBatch(count, nowMs),
        onDtlsConnected: () => {
          this.isConnected = true;
        },
        onDtlsClosed: (_peer, reason) => {
          this.failure = reason;
        },
      },
    );
    this.peer = this.io.addPeer();
    const now = performance.now();
    this.#agent = new IceAgent(
      { crypto: { hmacSha1 }, random: systemRandom },
      {
        role: 'controlled',
        local: { ufrag: randomHex(systemRandom, 8), password: randomHex(systemRandom, 32) },
      },
      now,
    );
    this.#agent.setRemoteCredentials(remote, now);
    this.#agent.addRemoteCandidates(remote.candidates, now);
    this.#drainIce();
  }

  /** What the participant answers. */
  get local(): IceTransport {
    return {
      ufrag: this.#agent.localUfrag,
      password: this.#agent.localPassword,
      candidates: [],
      fingerprints: [{ hash: 'sha-256', value: this.io.fingerprint, setup: 'active' }],
    };
  }

  /** About every 20 ms. */
  tick(nowMs: number): void {
    this.#agent.handleTimeout(nowMs);
    this.#drainIce();
    this.io.tick(nowMs);
  }

  close(): void {
    this.io.close();
  }

  #handleBatch(count: number, nowMs: number): void {
    const { rx, arena, addresses } = this.io;
    for (let i = 0; i < count; i++) {
      const at = i * RX_WORDS;
      const slot = rx[at + Rx.slot] ?? 0;
      const length = rx[at + Rx.length] ?? 0;
      const kind = rx[at + Rx.kind] ?? 0;
      if (this.isDeaf) {
        this.io.releaseSlot(slot);
        continue;
      }
      if (kind === PacketKind.stun) {
        const start = slot * SLOT_SIZE;
        const addressAt = slot * ADDRESS_BYTES;
        this.#agent.handleStun(
          arena.slice(start, start + length),
          addresses.slice(addressAt, addressAt + ADDRESS_BYTES),
          nowMs,
        );
        this.#drainIce();
      } else {
        this.#events.packet(slot, length, kind, nowMs - (rx[at + Rx.ageMicros] ?? 0) / 1000);
      }
      this.io.releaseSlot(slot);
    }
  }

  #drainIce(): void {
    for (let out = this.#agent.pollOutput(); out; out = this.#agent.pollOutput()) {
      if (out.type === 'send') this.io.sendRaw(out.address, out.packet);
      else if (out.type === 'addressAllowed') this.io.allowAddress(this.peer, out.address);
      else if (out.type === 'connected') {
        this.io.bindAddress(this.peer, out.address);
        this.io.startDtls(this.peer, { role: 'client', fingerprints: this.#remote.fingerprints });
      } else if (out.type === 'failed') this.failure = out.reason;
    }
  }
}
