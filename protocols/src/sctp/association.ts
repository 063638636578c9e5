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
  bareChunk,
  type Chunk,
  ChunkType,
  parseSctpPacket,
  type SctpPacket,
  viewOf,
  writeSctpPacket,
} from './chunk.ts';
import type { AssociationOptions, AssociationOutput, AssociationState } from './contract.ts';
import { parseDataChunk } from './data-chunk.ts';
import { type Established, establish, fillPackets } from './established.ts';
import { type Addressed, Handshake, type OwnNumbers } from './handshake.ts';
import { type InitChunk, parseInitChunk } from './init-chunk.ts';
import { RetransmissionTimeout } from './retransmission-timeout.ts';
import { parseSackChunk } from './sack-chunk.ts';
import { SackSchedule } from './sack-schedule.ts';
import { ShutdownExchange, type ShutdownStep } from './shutdown-exchange.ts';
import { hasRightTag } from './verification-tag.ts';

/** RFC 8841 §5; the same on both sides. */
const PORT = 5000;
const RECEIVE_WINDOW_BYTES = 262_144;
/**
 * Chunks other than DATA in one packet that are looked at. Nobody bundles more than two or three, and each may be answered with a
 * packet of its own.
 */
const MAX_CONTROL_CHUNKS = 8;

export class SctpAssociation {
  /** Packets that were not understood or did not belong to the association. */
  invalidPackets = 0;
  readonly #options: AssociationOptions;
  readonly #outputs: AssociationOutput[] = [];
  #timeout = new RetransmissionTimeout();
  #state: AssociationState = 'closed';
  readonly #handshake: Handshake;
  #established: Established | undefined;
  readonly #sacks = new SackSchedule();
  #resetDueMs: number | undefined;
  readonly #shutdown = new ShutdownExchange();

  constructor(random: RandomSource, options: AssociationOptions) {
    this.#handshake = new Handshake(random, RECEIVE_WINDOW_BYTES);
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
      this.#handshake.dueMs,
      this.#established?.send.timeoutMs,
      this.#sacks.dueMs,
      this.#resetDueMs,
      this.#shutdown.dueMs,
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
    this.#state = 'cookie-wait';
    this.#shake(this.#handshake.begin(), nowMs);
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
    if (this.#established !== undefined) this.#sendChunks([bareChunk(ChunkType.abort)]);
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
    let controlChunks = 0;
    for (const [index, received] of packet.chunks.entries()) {
      const peerTag = this.#established?.peerTag;
      if (!hasRightTag(packet, received, index, this.#handshake.own?.tag, peerTag)) {
        this.invalidPackets++;
        break;
      }
      if (received.type === ChunkType.data) hasData = true;
      else if (++controlChunks > MAX_CONTROL_CHUNKS) break;
      if (!this.#handleChunk(packet, received, nowMs)) break;
    }
    if (hasData && this.#established !== undefined) {
      this.#sacks.packetArrived(this.#state !== 'established', nowMs);
    }
    this.#transmit(nowMs);
  }

  handleTimeout(nowMs: number): void {
    const { repeated } = this.#handshake;
    if (isDue(this.#handshake.dueMs, nowMs) && repeated !== undefined) {
      this.#timeout.backOff();
      this.#shake(repeated, nowMs);
    }
    if (isDue(this.#established?.send.timeoutMs, nowMs)) this.#established?.send.handleTimeout();
    if (isDue(this.#resetDueMs, nowMs)) {
      this.#resetDueMs = undefined;
      this.#timeout.backOff();
    }
    if (this.#shutdown.handleTimeout(nowMs)) {
      this.#close('no answer to the shutdown');
      return;
    }
    this.#transmit(nowMs);
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
        if (!established.receive.add(data) || established.receive.hasGap) this.#sacks.dueMs = nowMs;
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
        this.#sacks.dueMs = nowMs;
        return true;
      case ChunkType.reconfig:
        this.#handleReconfig(established, value);
        return true;
      case ChunkType.shutdown:
        if (this.#state === 'established' || this.#state === 'shutting-down') {
          this.#state = 'shutdown-received';
        } else if (this.#state === 'shutdown-sent') {
          this.#continueShutdown(this.#shutdown.acknowledge(nowMs + this.#timeout.currentMs));
        }
        return true;
      case ChunkType.shutdownAck:
        if (this.#state !== 'shutdown-sent' && this.#state !== 'shutdown-ack-sent') return true;
        this.#sendChunks([bareChunk(ChunkType.shutdownComplete)]);
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

  #answerInit(value: Uint8Array): void {
    const isConnecting = this.#state === 'cookie-wait' || this.#state === 'cookie-echoed';
    const answer = this.#handshake.answerInit(value, isConnecting);
    if (answer === undefined) this.invalidPackets++;
    else this.#write(answer.peerTag, [answer.chunk]);
  }

  #handleInitAck(value: Uint8Array, nowMs: number): void {
    const peer = parseInitChunk(value);
    const { own } = this.#handshake;
    if (this.#state !== 'cookie-wait' || own === undefined) return;
    if (peer?.cookie === undefined) {
      this.invalidPackets++;
      return;
    }
    this.#begin(own, peer);
    this.#state = 'cookie-echoed';
    const echo: Chunk = { type: ChunkType.cookieEcho, flags: 0, value: peer.cookie.slice() };
    this.#shake({ peerTag: peer.initiateTag, chunk: echo }, nowMs);
  }

  #handleCookieEcho(tag: number, cookie: Uint8Array): boolean {
    const offered = this.#handshake.offerOf(tag, cookie);
    if (offered === undefined) {
      this.invalidPackets++;
      return false;
    }
    const isKnown =
      this.#established?.peerTag === offered.peer.initiateTag &&
      this.#handshake.own === offered.own;
    if (!isKnown) {
      if (this.#state !== 'closed' && this.#state !== 'cookie-wait') {
        this.#close('the other side started anew');
      }
      this.#handshake.accept(offered);
      this.#begin(offered.own, offered.peer);
    }
    this.#sendChunks([bareChunk(ChunkType.cookieAck)]);
    if (!isKnown || this.#state === 'cookie-echoed') this.#enterEstablished();
    return true;
  }

  #enterEstablished(): void {
    this.#handshake.stop();
    this.#state = 'established';
    this.#outputs.push({ type: 'connected' });
  }

  #begin(own: OwnNumbers, peer: InitChunk): void {
    this.#timeout = new RetransmissionTimeout();
    const { maxMessageBytes } = this.#options;
    const limits = { windowBytes: RECEIVE_WINDOW_BYTES, maxMessageBytes };
    this.#established = establish(own, peer, limits, this.#timeout);
  }

  /** INIT or COOKIE ECHO, first or again. */
  #shake(sent: Addressed, nowMs: number): void {
    this.#handshake.repeat(sent, nowMs + this.#timeout.currentMs);
    this.#write(sent.peerTag, [sent.chunk]);
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

  /** Everything that may go out now, in as few packets as it fits. */
  #transmit(nowMs: number): void {
    const established = this.#established;
    if (established === undefined || this.#state === 'cookie-echoed') return;
    const { send, receive, resets } = established;
    const hasSack = this.#sacks.take(nowMs);
    for (const chunks of fillPackets(established, hasSack, nowMs)) this.#sendChunks(chunks);
    if (send.isEmpty && resets.hasWork && this.#resetDueMs === undefined) {
      const value = resets.request(send.lastAssignedTsn);
      if (value !== undefined) {
        this.#sendChunks([{ type: ChunkType.reconfig, flags: 0, value }]);
        this.#resetDueMs = nowMs + this.#timeout.currentMs;
      }
    }
    if (send.isEmpty) {
      const repeatAtMs = nowMs + this.#timeout.currentMs;
      const step = this.#shutdown.next(this.#state, receive.cumulativeTsn, repeatAtMs);
      if (step !== undefined) this.#continueShutdown(step);
    }
  }

  #continueShutdown({ state, chunk }: ShutdownStep): void {
    this.#state = state;
    this.#sendChunks([chunk]);
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
    this.#handshake.reset();
    this.#established = undefined;
    this.#sacks.reset();
    this.#resetDueMs = undefined;
    this.#shutdown.reset();
    this.#outputs.push({ type: 'closed', reason });
  }
}

function isDue(dueMs: number | undefined, nowMs: number): boolean {
  return dueMs !== undefined && dueMs <= nowMs;
}
