/** A small client over the real packet-io: controlled ICE, DTLS, SRTP, one bridge channel. */
import { createHmac, randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import {
  ADDRESS_BYTES,
  createPacketIo,
  createSelfSignedCertificate,
  type PacketIo,
  PacketKind,
  RX_WORDS,
  Rx,
  SLOT_SIZE,
  TxPacket,
  TxRun,
} from '@conclave/platform/packet-io';
import type { IceTransport } from '@conclave/protocols/colibri';
import { IceAgent } from '@conclave/protocols/ice';
import { RtpHeader } from '@conclave/protocols/rtp';

const certificate = createSelfSignedCertificate({
  commonName: 'client',
  alternativeNames: [],
  validDays: 7,
});

export interface ClientPacket {
  readonly ssrc: number;
  readonly seq: number;
  readonly payload: Uint8Array;
}

export class MediaClient {
  readonly io: PacketIo;
  readonly received: ClientPacket[] = [];
  readonly rtcp: Uint8Array[] = [];
  isConnected = false;
  failure: string | undefined;
  readonly #agent: IceAgent;
  readonly #peer: number;
  readonly #remote: IceTransport;
  readonly #timer: NodeJS.Timeout;
  readonly #header = new RtpHeader();

  /** `remote` is what the bridge said on creation of the endpoint. */
  constructor(remote: IceTransport) {
    this.#remote = remote;
    this.io = createPacketIo(
      { port: 0, address: '127.0.0.1', slotCount: 256, ...certificate },
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
    this.#peer = this.io.addPeer();
    this.#agent = new IceAgent(
      {
        crypto: { hmacSha1: (key, data) => createHmac('sha1', key).update(data).digest() },
        random: { bytes: (length) => randomBytes(length) },
      },
      {
        role: 'controlled',
        local: {
          ufrag: randomBytes(4).toString('hex'),
          password: randomBytes(16).toString('hex'),
        },
      },
      performance.now(),
    );
    this.#agent.setRemoteCredentials(remote, performance.now());
    this.#agent.addRemoteCandidates(remote.candidates, performance.now());
    this.#drain();
    this.#timer = setInterval(() => {
      this.#agent.handleTimeout(performance.now());
      this.#drain();
      this.io.tick(performance.now());
    }, 20);
  }

  /** What the client answers. */
  get transport(): IceTransport {
    return {
      ufrag: this.#agent.localUfrag,
      password: this.#agent.localPassword,
      candidates: [],
      fingerprints: [{ hash: 'sha-256', value: this.io.fingerprint, setup: 'active' }],
    };
  }

  sendRtp(
    ssrc: number,
    payloadType: number,
    seq: number,
    timestamp: number,
    payload: Uint8Array,
    marker = true,
  ): void {
    const slot = this.io.takeSlot();
    this.io.arena.set(payload, slot * SLOT_SIZE);
    const { txPackets, txRuns } = this.io;
    txPackets[TxPacket.slot] = slot;
    txPackets[TxPacket.payload] = payload.length;
    txPackets[TxPacket.markerTypeSequence] = (marker ? 0x80000000 : 0) | (payloadType << 16) | seq;
    txPackets[TxPacket.timestamp] = timestamp;
    txRuns[TxRun.packets] = 1;
    txRuns[TxRun.peer] = this.#peer;
    txRuns[TxRun.ssrc] = ssrc;
    txRuns[TxRun.sequence] = seq;
    this.io.flush(1);
    this.io.releaseSlot(slot);
  }

  sendRtcp(packet: Uint8Array): void {
    this.io.sendRtcp(this.#peer, packet);
  }

  close(): void {
    clearInterval(this.#timer);
    this.io.close();
  }

  #handleBatch(count: number, nowMs: number): void {
    const { rx, arena, addresses } = this.io;
    for (let i = 0; i < count; i++) {
      const at = i * RX_WORDS;
      const slot = rx[at + Rx.slot]!;
      const start = slot * SLOT_SIZE;
      const bytes = arena.slice(start, start + rx[at + Rx.length]!);
      const kind = rx[at + Rx.kind]!;
      if (kind === PacketKind.stun) {
        const addressAt = slot * ADDRESS_BYTES;
        const address = addresses.slice(addressAt, addressAt + ADDRESS_BYTES);
        this.#agent.handleStun(bytes, address, nowMs);
        this.#drain();
      } else if (kind === PacketKind.rtcp) this.rtcp.push(bytes);
      else if (kind === PacketKind.rtp && this.#header.read(bytes, 0, bytes.length)) {
        this.received.push({
          ssrc: this.#header.ssrc,
          seq: this.#header.sequenceNumber,
          payload: bytes.slice(this.#header.payloadOffset),
        });
      }
      this.io.releaseSlot(slot);
    }
  }

  #drain(): void {
    for (let out = this.#agent.pollOutput(); out; out = this.#agent.pollOutput()) {
      if (out.type === 'send') this.io.sendRaw(out.address, out.packet);
      else if (out.type === 'addressAllowed') this.io.allowAddress(this.#peer, out.address);
      else if (out.type === 'connected') {
        this.io.bindAddress(this.#peer, out.address);
        this.io.startDtls(this.#peer, {
          role: 'client',
          fingerprints: this.#remote.fingerprints,
        });
      } else if (out.type === 'failed') this.failure = out.reason;
    }
  }
}
