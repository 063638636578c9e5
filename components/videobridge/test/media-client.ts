/** A small client over the real packet-io: sends single packets, keeps what it gets. */
import { performance } from 'node:perf_hooks';
import { PacketKind, SLOT_SIZE, TxPacket, TxRun } from '@conclave/platform/packet-io';
import type { IceTransport } from '@conclave/protocols/colibri';
import { RtpHeader } from '@conclave/protocols/rtp';
import { MediaTransport } from '@conclave/testkit/media';

export interface ClientPacket {
  readonly ssrc: number;
  readonly seq: number;
  readonly payload: Uint8Array;
}

export class MediaClient {
  readonly received: ClientPacket[] = [];
  readonly rtcp: Uint8Array[] = [];
  readonly #transport: MediaTransport;
  readonly #timer: NodeJS.Timeout;
  readonly #header = new RtpHeader();

  /** `remote` is what the bridge said on creation of the endpoint. */
  constructor(remote: IceTransport) {
    this.#transport = new MediaTransport(
      remote,
      { packet: (slot, length, kind) => this.#handlePacket(slot, length, kind) },
      { slots: 256, address: '127.0.0.1' },
    );
    this.#timer = setInterval(() => this.#transport.tick(performance.now()), 20);
  }

  get isConnected(): boolean {
    return this.#transport.isConnected;
  }

  /** Why it is not. */
  get failure(): string | undefined {
    return this.#transport.failure;
  }

  /** What the client answers. */
  get transport(): IceTransport {
    return this.#transport.local;
  }

  sendRtp(
    ssrc: number,
    payloadType: number,
    seq: number,
    timestamp: number,
    payload: Uint8Array,
    marker = true,
  ): void {
    const { io, peer } = this.#transport;
    const slot = io.takeSlot();
    io.arena.set(payload, slot * SLOT_SIZE);
    const { txPackets, txRuns } = io;
    txPackets[TxPacket.slot] = slot;
    txPackets[TxPacket.payload] = payload.length;
    txPackets[TxPacket.markerTypeSequence] = (marker ? 0x80000000 : 0) | (payloadType << 16) | seq;
    txPackets[TxPacket.timestamp] = timestamp;
    txRuns[TxRun.packets] = 1;
    txRuns[TxRun.peer] = peer;
    txRuns[TxRun.ssrc] = ssrc;
    txRuns[TxRun.sequence] = seq;
    io.flush(1);
    io.releaseSlot(slot);
  }

  sendRtcp(packet: Uint8Array): void {
    const { io, peer } = this.#transport;
    io.sendRtcp(peer, packet);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#transport.close();
  }

  #handlePacket(slot: number, length: number, kind: number): void {
    const start = slot * SLOT_SIZE;
    const bytes = this.#transport.io.arena.slice(start, start + length);
    if (kind === PacketKind.rtcp) this.rtcp.push(bytes);
    else if (kind === PacketKind.rtp && this.#header.read(bytes, 0, bytes.length)) {
      const { ssrc, sequenceNumber, payloadOffset } = this.#header;
      this.received.push({ ssrc, seq: sequenceNumber, payload: bytes.slice(payloadOffset) });
    }
  }
}
