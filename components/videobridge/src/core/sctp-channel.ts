/**
 * The bridge channel of one endpoint as a WebRTC data channel: SCTP over its DTLS connection (RFC 8831,
 * RFC 8832). The client begins the association and opens the channel; we only answer. One channel at a
 * time, as in Jitsi's bridge; further ones are not answered.
 */
import { type RandomSource, TokenBucket } from '@conclave/base';
import { CHANNEL_LIMITS } from '@conclave/protocols/bridge-channel';
import {
  PayloadProtocol,
  parseDcepMessage,
  SctpAssociation,
  writeDcepMessage,
} from '@conclave/protocols/sctp';
import type { DropCounters } from './drop-counters.ts';
import type { PacketPort } from './packet-port.ts';

/** A character takes up to three bytes; one more message tells that it is too long. */
const MAX_MESSAGE_BYTES = 3 * CHANNEL_LIMITS.maxLength;
/** What may wait for a slow receiver; then the channel is closed. */
const MAX_QUEUED_BYTES = 1_048_576;
/** Packets per second and at once; what is above is lost and comes again. */
const PACKETS_PER_SECOND = 1000;
const PACKET_BURST = 2000;
/** An empty message is one byte that means nothing (RFC 8831 §6.6). */
const EMPTY = Uint8Array.of(0);

export interface SctpChannelEvents {
  opened(): void;
  message(text: string, nowMs: number): void;
  closed(): void;
}

export interface SctpChannelDependencies {
  readonly port: Pick<PacketPort, 'sendApplicationData'>;
  readonly random: RandomSource;
  readonly counters: DropCounters;
}

export class SctpChannel {
  readonly #deps: SctpChannelDependencies;
  /** packet-io's handle of the endpoint. */
  readonly #peer: number;
  readonly #events: SctpChannelEvents;
  readonly #association: SctpAssociation;
  readonly #packets: TokenBucket;
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();
  /** Of the open channel. */
  #streamId: number | undefined;
  /** Of the last input: messages are sent in answer to one, or on a tick. */
  #nowMs: number;

  constructor(
    dependencies: SctpChannelDependencies,
    peer: number,
    events: SctpChannelEvents,
    nowMs: number,
  ) {
    this.#deps = dependencies;
    this.#peer = peer;
    this.#events = events;
    this.#nowMs = nowMs;
    this.#packets = new TokenBucket(PACKETS_PER_SECOND, PACKET_BURST, nowMs);
    this.#association = new SctpAssociation(dependencies.random, {
      maxMessageBytes: MAX_MESSAGE_BYTES,
      maxQueuedBytes: MAX_QUEUED_BYTES,
    });
  }

  /** A decrypted DTLS record, which may be reused afterwards. */
  handlePacket(packet: Uint8Array, nowMs: number): void {
    this.#nowMs = nowMs;
    const { counters } = this.#deps;
    if (!this.#packets.tryTake(1, nowMs)) {
      counters.applicationData++;
      return;
    }
    const before = this.#association.invalidPackets;
    this.#association.handlePacket(packet, nowMs);
    counters.sctpInvalid += this.#association.invalidPackets - before;
    this.#drain();
  }

  handleTimeout(nowMs: number): void {
    this.#nowMs = nowMs;
    const dueMs = this.#association.nextTimeoutMs;
    if (dueMs === undefined || dueMs > nowMs) return;
    this.#association.handleTimeout(nowMs);
    this.#drain();
  }

  /** A client that takes nothing any more loses the channel, rather than parts of what is said. */
  send(text: string): void {
    if (this.#streamId === undefined) return;
    const [protocol, data] =
      text === ''
        ? [PayloadProtocol.emptyString, EMPTY]
        : [PayloadProtocol.string, this.#encoder.encode(text)];
    const isAccepted = this.#association.send(this.#streamId, protocol, data, this.#nowMs);
    if (!isAccepted) this.#association.abort();
    this.#drain();
  }

  /** Our half of the channel; the client closes its own. `closed` is not called. */
  close(): void {
    if (this.#streamId === undefined) return;
    this.#association.resetStreams([this.#streamId], this.#nowMs);
    this.#streamId = undefined;
    this.#drain();
  }

  #drain(): void {
    for (;;) {
      const output = this.#association.pollOutput();
      if (output === undefined) return;
      switch (output.type) {
        case 'send':
          this.#deps.port.sendApplicationData(this.#peer, output.packet);
          break;
        case 'message':
          this.#handleMessage(output.streamId, output.payloadProtocol, output.data);
          break;
        case 'streamsReset':
          if (this.#streamId !== undefined && output.streamIds.includes(this.#streamId)) {
            this.#closed();
          }
          break;
        case 'closed':
          this.#closed();
          break;
        case 'connected':
          break;
        default:
          output satisfies never;
      }
    }
  }

  #handleMessage(streamId: number, payloadProtocol: number, data: Uint8Array): void {
    if (payloadProtocol === PayloadProtocol.dcep) {
      const isOpen = parseDcepMessage(data)?.type === 'open';
      if (!isOpen || this.#streamId !== undefined) return;
      this.#streamId = streamId;
      const ack = writeDcepMessage({ type: 'ack' });
      this.#association.send(streamId, PayloadProtocol.dcep, ack, this.#nowMs);
      this.#events.opened();
    } else if (streamId === this.#streamId && payloadProtocol === PayloadProtocol.string) {
      this.#events.message(this.#decoder.decode(data), this.#nowMs);
    }
  }

  #closed(): void {
    if (this.#streamId === undefined) return;
    this.#streamId = undefined;
    this.#events.closed();
  }
}
