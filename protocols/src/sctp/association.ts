/**
 * An SCTP association over DTLS (RFC 9260, RFC 8261), without I/O: packets and time go in, packets,
 * messages and news come out of `pollOutput`. After each input, drain it.
 *
 * One path, one port pair, reliable ordered messages. The other side is known (DTLS has authenticated
 * it and there is one association per DTLS connection), so the cookie is a random number that is
 * remembered instead of a signed state. There are no HEARTBEATs of our own and no limit of
 * retransmissions: whether the path is alive is ICE's business (RFC 8831 §5, §6.2).
 */
import type { RandomSource } from '@conclave/base';
import {
  CHUNK_HEADER_BYTES,
  type Chunk,
  ChunkType,
  PACKET_HEADER_BYTES,
  paddedLength,
  parseSctpPacket,
  type SctpPacket,
  viewOf,
  writeSctpPacket,
} from './chunk.ts';
import { DATA_HEADER_BYTES, parseDataChunk, writeDataChunk } from './data-chunk.ts';
import { type InitChunk, parseInitChunk, writeInitChunk } from './init-chunk.ts';
import { ReceiveWindow } from './receive-window.ts';
import { RetransmissionTimeout } from './retransmission-timeout.ts';
import { parseSackChunk, writeSackChunk } from './sack-chunk.ts';
import { SendQueue } from './send-queue.ts';
import { StreamResets } from './stream-resets.ts';

/** RFC 8841 §5; the same on both sides. */
const PORT = 5000;
/** With DTLS, UDP and IPv6 around it this fits a path of 1280 bytes. */
const MAX_PACKET_BYTES = 1172;
const RECEIVE_WINDOW_BYTES = 262_144;
const COOKIE_BYTES = 32;
/** A report of arrivals is due with every second packet, or after this (RFC 9260 §6.2: at most 500 ms). */
const SACK_DELAY_MS = 100;
/** Unanswered SHUTDOWNs until the association is given up. */
const MAX_SHUTDOWNS = 5;
/** The other side has no state for this tag (ABORT and SHUTDOWN COMPLETE). */
const TAG_IS_REFLECTED = 1;

export interface AssociationOptions {
  /** Longest message that is received. */
  readonly maxMessageBytes: number;
  /** Bytes that may wait to be sent. */
  readonly maxQueuedBytes: number;
}

export type AssociationState =
  | 'closed'
  | 'cookie-wait'
  | 'cookie-echoed'
  | 'established'
  | 'shutting-down'
  | 'shutdown-sent'
  | 'shutdown-received'
  | 'shutdown-ack-sent';

export type AssociationOutput =
  | { readonly type: 'send'; readonly packet: Uint8Array }
  | { readonly type: 'connected' }
  | {
      readonly type: 'message';
      readonly streamId: number;
      readonly payloadProtocol: number;
      readonly data: Uint8Array;
    }
  /** The other side sends nothing more on these streams; ours of the same numbers are reset as well. */
  | { readonly type: 'streamsReset'; readonly streamIds: readonly number[] }
  | { readonly type: 'closed'; readonly reason: string };

/** What exists from the moment both sides' numbers are known. */
interface Established {
  readonly peerTag: number;
  readonly send: SendQueue;
  readonly receive: ReceiveWindow;
  readonly resets: StreamResets;
}

interface OwnNumbers {
  readonly tag: number;
  readonly initialTsn: number;
}

/** An INIT that was answered; the association begins when its cookie comes back. */
interface Offered {
  readonly own: OwnNumbers;
  readonly peer: InitChunk;
  readonly cookie: Uint8Array;
}

export class SctpAssociation {
  /** Packets that were not understood or did not belong to the association. */
  invalidPackets = 0;
  readonly #random: RandomSource;
  readonly #options: AssociationOptions;
  readonly #outputs: AssociationOutput[] = [];
  #timeout = new RetransmissionTimeout();
  #state: AssociationState = 'closed';
  #own: OwnNumbers | undefined;
  #offered: Offered | undefined;
  #established: Established | undefined;
  /** INIT or COOKIE ECHO, repeated until it is answered. */
  #handshake: { readonly peerTag: number; readonly chunk: Chunk } | undefined;
  #handshakeDueMs: number | undefined;
  #packetsSinceSack = 0;
  #sackDueMs: number | undefined;
  #resetDueMs: number | undefined;
  #shutdownDueMs: number | undefined;
  #shutdowns = 0;

  constructor(random: RandomSource, options: AssociationOptions) {
    this.#random = random;
    this.#options = options;
  }

  get state(): AssociationState {
    return this.#state;
  }

  /** Messages dropped because they were too long or broken. */
  get droppedMessages(): number {
    return this.#established?.receive.droppedMessages ?? 0;
  }

  /** When to call `handleTimeout`. */
  get nextTimeoutMs(): number | undefined {
    let earliest: number | undefined;
    for (const dueMs of [
      this.#handshakeDueMs,
      this.#established?.send.timeoutMs,
      this.#sackDueMs,
      this.#resetDueMs,
      this.#shutdownDueMs,
    ]) {
      if (dueMs !== undefined && (earliest === undefined || dueMs < earliest)) earliest = dueMs;
    }
    return earliest;
  }

  pollOutput(): AssociationOutput | undefined {
    return this.#outputs.shift();
  }

  /** The active side begins. */
  connect(nowMs: number): void {
    if (this.#state !== 'closed') return;
    const own = this.#newNumbers();
    this.#own = own;
    this.#state = 'cookie-wait';
    this.#startHandshake(0, initChunk(ChunkType.init, own, undefined), nowMs);
  }

  /**
   * Sends one message, not empty (RFC 8831 §6.6 has a stand-in for those). False, and nothing is
   * sent, when not connected or when too much is waiting already. `data` is kept.
   */
  send(streamId: number, payloadProtocol: number, data: Uint8Array, nowMs: number): boolean {
    const established = this.#established;
    if (this.#state !== 'established' || established === undefined || data.length === 0)
      return false;
    if (established.send.queuedBytes + data.length > this.#options.maxQueuedBytes) return false;
    established.send.add(streamId, payloadProtocol, data);
    this.#transmit(nowMs);
    return true;
  }

  /** Closes our half of the streams once everything on them was sent. */
  resetStreams(streamIds: readonly number[], nowMs: number): void {
    if (this.#state !== 'established') return;
    this.#established?.resets.queue(streamIds);
    this.#transmit(nowMs);
  }

  /** Ends the association when everything was delivered. */
  shutdown(nowMs: number): void {
    if (this.#state !== 'established') return;
    this.#state = 'shutting-down';
    this.#transmit(nowMs);
  }

  /** Ends it at once. */
  abort(): void {
    if (this.#state === 'closed') return;
    if (this.#established !== undefined) this.#sendChunks([chunk(ChunkType.abort)]);
    this.#close('aborted');
  }

  /** `bytes` may be reused afterwards. */
  handlePacket(bytes: Uint8Array, nowMs: number): void {
    const packet = parseSctpPacket(bytes);
    if (packet === undefined || packet.destinationPort !== PORT) {
      this.invalidPackets++;
      return;
    }
    let hasData = false;
    for (const [index, received] of packet.chunks.entries()) {
      if (!this.#isAllowed(packet, received, index)) {
        this.invalidPackets++;
        break;
      }
      if (received.type === ChunkType.data) hasData = true;
      if (!this.#handleChunk(packet, received, nowMs)) break;
    }
    if (hasData) this.#planSack(nowMs);
    this.#transmit(nowMs);
  }

  handleTimeout(nowMs: number): void {
    if (isDue(this.#handshakeDueMs, nowMs) && this.#handshake !== undefined) {
      this.#timeout.backOff();
      this.#startHandshake(this.#handshake.peerTag, this.#handshake.chunk, nowMs);
    }
    if (isDue(this.#established?.send.timeoutMs, nowMs)) this.#established?.send.handleTimeout();
    if (isDue(this.#resetDueMs, nowMs)) {
      this.#resetDueMs = undefined;
      this.#timeout.backOff();
    }
    if (isDue(this.#shutdownDueMs, nowMs)) {
      this.#shutdownDueMs = undefined;
      if (this.#shutdowns >= MAX_SHUTDOWNS) {
        this.#close('no answer to the shutdown');
        return;
      }
    }
    this.#transmit(nowMs);
  }

  /** RFC 9260 §8.5: whose tag a packet must carry. */
  #isAllowed(packet: SctpPacket, { type, flags }: Chunk, index: number): boolean {
    const tag = packet.verificationTag;
    if (type === ChunkType.init) return tag === 0 && index === 0 && packet.chunks.length === 1;
    if (type === ChunkType.cookieEcho) return tag !== 0; // compared with the cookie's
    if (
      (type === ChunkType.abort || type === ChunkType.shutdownComplete) &&
      flags & TAG_IS_REFLECTED
    ) {
      return tag === this.#established?.peerTag;
    }
    return tag !== 0 && tag === this.#own?.tag;
  }

  /** False when the rest of the packet must not be looked at. */
  #handleChunk(packet: SctpPacket, { type, flags, value }: Chunk, nowMs: number): boolean {
    switch (type) {
      case ChunkType.init:
        this.#answerInit(value);
        return false;
      case ChunkType.initAck:
        this.#handleInitAck(value, nowMs);
        return true;
      case ChunkType.cookieEcho:
        return this.#handleCookieEcho(packet.verificationTag, value);
      case ChunkType.cookieAck:
        if (this.#state === 'cookie-echoed') this.#enterEstablished();
        return true;
      case ChunkType.abort:
        if (this.#state !== 'closed') this.#close('aborted by the other side');
        return false;
      default:
        return (
          this.#established !== undefined && this.#handleEstablished(type, flags, value, nowMs)
        );
    }
  }

  #handleEstablished(type: number, flags: number, value: Uint8Array, nowMs: number): boolean {
    const established = this.#established!;
    switch (type) {
      case ChunkType.data: {
        const data = parseDataChunk(flags, value);
        if (data === undefined) {
          this.abort(); // RFC 9260 §6.2: no user data
          return false;
        }
        // Without a reaction to a chunk that was refused the sender would wait for its timeout.
        if (!established.receive.add(data) || established.receive.hasGap) this.#sackDueMs = nowMs;
        this.#emitMessages(established);
        return true;
      }
      case ChunkType.sack: {
        const sack = parseSackChunk(value);
        if (sack === undefined || !established.send.handleSack(sack, nowMs)) this.invalidPackets++;
        return true;
      }
      case ChunkType.heartbeat:
        this.#sendChunks([{ type: ChunkType.heartbeatAck, flags: 0, value: value.slice() }]);
        return true;
      case ChunkType.forwardTsn:
        if (value.length >= 4) established.receive.skipTo(viewOf(value).getUint32(0));
        this.#emitMessages(established);
        this.#sackDueMs = nowMs;
        return true;
      case ChunkType.reconfig:
        this.#handleReconfig(established, value);
        return true;
      case ChunkType.shutdown:
        if (this.#state === 'established' || this.#state === 'shutting-down') {
          this.#state = 'shutdown-received';
        } else if (this.#state === 'shutdown-sent') this.#sendShutdownAck(nowMs); // both at once, §9.2
        return true;
      case ChunkType.shutdownAck:
        if (this.#state !== 'shutdown-sent' && this.#state !== 'shutdown-ack-sent') return true;
        this.#sendChunks([chunk(ChunkType.shutdownComplete)]);
        this.#close('shut down');
        return false;
      case ChunkType.shutdownComplete:
        if (this.#state === 'shutdown-ack-sent') this.#close('shut down');
        return false;
      default:
        // §3.2: the highest bit says whether to go on after what is not known.
        return type >= 0x80 || type === ChunkType.error || type === ChunkType.heartbeatAck;
    }
  }

  // --- the handshake (RFC 9260 §5) ---

  /** Also an INIT sent again, and one of a peer that has started anew (§5.2). */
  #answerInit(value: Uint8Array): void {
    const peer = parseInitChunk(value);
    if (peer === undefined) {
      this.invalidPackets++;
      return;
    }
    const isRepeated =
      this.#offered?.peer.initiateTag === peer.initiateTag &&
      this.#offered.peer.initialTsn === peer.initialTsn;
    if (!isRepeated || this.#offered === undefined) {
      // Two INITs that cross each other must lead to the same numbers (§5.2.1).
      const isCrossing = this.#state === 'cookie-wait' || this.#state === 'cookie-echoed';
      const own = isCrossing && this.#own !== undefined ? this.#own : this.#newNumbers();
      this.#offered = { own, peer, cookie: this.#random.bytes(COOKIE_BYTES) };
    }
    const { own, cookie } = this.#offered;
    this.#write(peer.initiateTag, [initChunk(ChunkType.initAck, own, cookie)]);
  }

  #handleInitAck(value: Uint8Array, nowMs: number): void {
    const peer = parseInitChunk(value);
    if (this.#state !== 'cookie-wait' || this.#own === undefined) return;
    if (peer?.cookie === undefined) {
      this.invalidPackets++;
      return;
    }
    this.#begin(this.#own, peer);
    this.#state = 'cookie-echoed';
    const echo: Chunk = { type: ChunkType.cookieEcho, flags: 0, value: peer.cookie.slice() };
    this.#startHandshake(peer.initiateTag, echo, nowMs);
  }

  #handleCookieEcho(tag: number, cookie: Uint8Array): boolean {
    const offered = this.#offered;
    if (offered === undefined || tag !== offered.own.tag || !isEqual(cookie, offered.cookie)) {
      this.invalidPackets++;
      return false;
    }
    const isKnown =
      this.#established?.peerTag === offered.peer.initiateTag && this.#own === offered.own;
    if (!isKnown) {
      if (this.#state !== 'closed' && this.#state !== 'cookie-wait') {
        this.#close('the other side started anew');
        this.#offered = offered;
      }
      this.#begin(offered.own, offered.peer);
    }
    this.#sendChunks([chunk(ChunkType.cookieAck)]);
    if (!isKnown || this.#state === 'cookie-echoed') this.#enterEstablished();
    return true;
  }

  #enterEstablished(): void {
    this.#handshake = undefined;
    this.#handshakeDueMs = undefined;
    this.#state = 'established';
    this.#outputs.push({ type: 'connected' });
  }

  #begin(own: OwnNumbers, peer: InitChunk): void {
    this.#own = own;
    this.#timeout = new RetransmissionTimeout();
    this.#established = {
      peerTag: peer.initiateTag,
      send: new SendQueue(
        {
          initialTsn: own.initialTsn,
          windowBytes: peer.windowBytes,
          maxPacketBytes: MAX_PACKET_BYTES,
        },
        this.#timeout,
      ),
      receive: new ReceiveWindow(
        {
          windowBytes: RECEIVE_WINDOW_BYTES,
          maxMessageBytes: this.#options.maxMessageBytes,
        },
        peer.initialTsn,
      ),
      resets: new StreamResets(own.initialTsn, peer.initialTsn),
    };
  }

  #startHandshake(peerTag: number, sent: Chunk, nowMs: number): void {
    this.#handshake = { peerTag, chunk: sent };
    this.#handshakeDueMs = nowMs + this.#timeout.currentMs;
    this.#write(peerTag, [sent]);
  }

  #newNumbers(): OwnNumbers {
    const view = viewOf(this.#random.bytes(8));
    return { tag: view.getUint32(0) || 1, initialTsn: view.getUint32(4) };
  }

  // --- while established ---

  #handleReconfig(established: Established, value: Uint8Array): void {
    const { resets, send, receive } = established;
    const outcome = resets.handle(value, receive.cumulativeTsn);
    if (outcome.reply !== undefined) {
      this.#sendChunks([{ type: ChunkType.reconfig, flags: 0, value: outcome.reply }]);
    }
    if (outcome.confirmed.length > 0) {
      send.resetSequences(outcome.confirmed);
      this.#resetDueMs = undefined;
    }
    if (outcome.resetByPeer.length > 0) {
      this.#outputs.push({ type: 'streamsReset', streamIds: outcome.resetByPeer });
    }
  }

  #emitMessages({ receive }: Established): void {
    for (const message of receive.takeMessages()) {
      this.#outputs.push({ type: 'message', ...message });
    }
  }

  #planSack(nowMs: number): void {
    if (this.#established === undefined) return;
    this.#packetsSinceSack++;
    if (this.#packetsSinceSack >= 2 || this.#state !== 'established') this.#sackDueMs = nowMs;
    this.#sackDueMs ??= nowMs + SACK_DELAY_MS;
  }

  /** Everything that may go out now, in as few packets as it fits. */
  #transmit(nowMs: number): void {
    const established = this.#established;
    if (established === undefined || this.#state === 'cookie-echoed') return;
    const { send, receive, resets } = established;
    let chunks: Chunk[] = [];
    let room = MAX_PACKET_BYTES - PACKET_HEADER_BYTES;
    if (isDue(this.#sackDueMs, nowMs)) {
      this.#sackDueMs = undefined;
      this.#packetsSinceSack = 0;
      const value = writeSackChunk(receive.takeSack());
      chunks.push({ type: ChunkType.sack, flags: 0, value });
      room -= CHUNK_HEADER_BYTES + value.length;
    }
    for (;;) {
      const data = send.take(room - CHUNK_HEADER_BYTES - DATA_HEADER_BYTES, nowMs);
      if (data === undefined) {
        if (chunks.length === 0) break;
        this.#sendChunks(chunks); // there may be more than fits beside these
        chunks = [];
        room = MAX_PACKET_BYTES - PACKET_HEADER_BYTES;
        continue;
      }
      const { flags, value } = writeDataChunk(data);
      chunks.push({ type: ChunkType.data, flags, value });
      room -= paddedLength(CHUNK_HEADER_BYTES + value.length);
    }
    if (send.isEmpty && resets.hasWork && this.#resetDueMs === undefined) {
      const value = resets.request(send.lastAssignedTsn);
      if (value !== undefined) {
        this.#sendChunks([{ type: ChunkType.reconfig, flags: 0, value }]);
        this.#resetDueMs = nowMs + this.#timeout.currentMs;
      }
    }
    if (send.isEmpty) this.#continueShutdown(receive.cumulativeTsn, nowMs);
  }

  /** SHUTDOWN and SHUTDOWN ACK, first and again (§9.2). */
  #continueShutdown(cumulativeTsn: number, nowMs: number): void {
    if (this.#shutdownDueMs !== undefined) return;
    if (this.#state === 'shutting-down' || this.#state === 'shutdown-sent') {
      const value = new Uint8Array(4);
      viewOf(value).setUint32(0, cumulativeTsn);
      this.#state = 'shutdown-sent';
      this.#shutdowns++;
      this.#shutdownDueMs = nowMs + this.#timeout.currentMs;
      this.#sendChunks([{ type: ChunkType.shutdown, flags: 0, value }]);
    } else if (this.#state === 'shutdown-received' || this.#state === 'shutdown-ack-sent') {
      this.#sendShutdownAck(nowMs);
    }
  }

  #sendShutdownAck(nowMs: number): void {
    this.#state = 'shutdown-ack-sent';
    this.#shutdowns++;
    this.#shutdownDueMs = nowMs + this.#timeout.currentMs;
    this.#sendChunks([chunk(ChunkType.shutdownAck)]);
  }

  #sendChunks(chunks: readonly Chunk[]): void {
    if (this.#established !== undefined) this.#write(this.#established.peerTag, chunks);
  }

  #write(verificationTag: number, chunks: readonly Chunk[]): void {
    const packet = writeSctpPacket({
      sourcePort: PORT,
      destinationPort: PORT,
      verificationTag,
      chunks,
    });
    this.#outputs.push({ type: 'send', packet });
  }

  #close(reason: string): void {
    this.#state = 'closed';
    this.#own = undefined;
    this.#offered = undefined;
    this.#established = undefined;
    this.#handshake = undefined;
    this.#handshakeDueMs = undefined;
    this.#packetsSinceSack = 0;
    this.#sackDueMs = undefined;
    this.#resetDueMs = undefined;
    this.#shutdownDueMs = undefined;
    this.#shutdowns = 0;
    this.#outputs.push({ type: 'closed', reason });
  }
}

function isDue(dueMs: number | undefined, nowMs: number): boolean {
  return dueMs !== undefined && dueMs <= nowMs;
}

function chunk(type: number): Chunk {
  return { type, flags: 0, value: new Uint8Array() };
}

function initChunk(type: number, own: OwnNumbers, cookie: Uint8Array | undefined): Chunk {
  const value = writeInitChunk({
    initiateTag: own.tag,
    windowBytes: RECEIVE_WINDOW_BYTES,
    initialTsn: own.initialTsn,
    cookie,
  });
  return { type, flags: 0, value };
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
