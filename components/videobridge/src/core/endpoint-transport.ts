/**
 * One endpoint's transport: its ICE agent and the DTLS association behind it. Order: ICE finds an
 * address, the address is bound, DTLS begins when the other side's fingerprints are known.
 *
 * An in-place ICE restart (RFC 8445 §9) runs a second agent beside the first, which keeps carrying media
 * until the second has found an address; DTLS and SRTP notice nothing but the new address.
 */
import { type Logger, type RandomSource, randomToken } from '@conclave/base';
import type { DtlsFingerprint, IceTransport } from '@conclave/protocols/colibri';
import { addressToText, IceAgent, type IceOutput, type IceRegistry } from '@conclave/protocols/ice';
import type { StunCrypto } from '@conclave/protocols/stun';
import type { VideobridgeOptions } from '../options.ts';
import { localCandidates } from './local-candidates.ts';
import type { MappedAddress } from './mapped-address.ts';
import type { PacketPort } from './packet-port.ts';

/** More fingerprints than anybody sends. */
const MAX_FINGERPRINTS = 8;
/** A restart that found no address by then is given up; clients do so after 15 s. */
const RESTART_TIMEOUT_MS = 30_000;
/** New registrations after a collision of random names; each is unlikely already. */
const MAX_ATTEMPTS = 8;

/** What it needs of the bridge. */
export interface TransportContext {
  readonly port: PacketPort;
  readonly options: VideobridgeOptions;
  readonly random: RandomSource;
  readonly logger: Logger;
  readonly stunCrypto: StunCrypto;
  readonly ice: IceRegistry<IceRound>;
  readonly mapped: MappedAddress;
}

export interface EndpointTransportEvents {
  dtlsConnected(nowMs: number): void;
  /** ICE or the handshake failed: this transport is of no use any more. */
  failed(reason: string): void;
}

/** One ICE agent of a transport: the first, or that of a restart. */
export interface IceRound {
  readonly transport: EndpointTransport;
  readonly agent: IceAgent;
  /** 0 for the first, then counting up. */
  readonly generation: number;
}

export class EndpointTransport {
  /** packet-io's handle. */
  readonly peer: number;
  isDtlsConnected = false;
  isIceConnected = false;
  readonly #context: TransportContext;
  readonly #events: EndpointTransportEvents;
  #fingerprints: readonly DtlsFingerprint[] = [];
  #hasStartedDtls = false;
  #isClosed = false;
  /** When an agent wants to be called; noted whenever it may have changed, since every tick asks. */
  #dueMs = 0;
  /** Carries the media. */
  #round: IceRound;
  /** Of a restart, until it is connected. */
  #nextRound: IceRound | undefined;
  /** Why the carrying agent gave up while a restart was under way. */
  #roundFailure: string | undefined;

  constructor(context: TransportContext, events: EndpointTransportEvents, nowMs: number) {
    this.#context = context;
    this.#events = events;
    this.#round = this.#startRound(0, nowMs);
    this.peer = context.port.addPeer();
  }

  /** The ICE agent that carries the media. */
  get agent(): IceAgent {
    return this.#round.agent;
  }

  /** A handshake is under way: packet-io wants ticks. */
  get isHandshaking(): boolean {
    return this.#hasStartedDtls && !this.isDtlsConnected && !this.#isClosed;
  }

  /** A second round of ICE is under way. */
  get isRestarting(): boolean {
    return this.#nextRound !== undefined;
  }

  /** Begins a new round of ICE beside the present one; `describe` is then about the new one. */
  restartIce(nowMs: number): void {
    const previous = this.#nextRound ?? this.#round;
    if (this.#nextRound !== undefined) this.#context.ice.remove(this.#nextRound.agent);
    this.#nextRound = this.#startRound(previous.generation + 1, nowMs);
    this.#dueMs = nowMs;
  }

  /** What the other side must know. */
  describe(webSocketUrl: string): IceTransport {
    const { options, port, mapped } = this.#context;
    const { agent, generation } = this.#nextRound ?? this.#round;
    return {
      ufrag: agent.localUfrag,
      password: agent.localPassword,
      ...(generation > 0 && { iceGeneration: generation }),
      candidates: localCandidates(options, port.port, mapped.addresses),
      fingerprints: [{ hash: 'sha-256', value: port.fingerprint, setup: 'actpass' }],
      webSocketUrl,
    };
  }

  setRemote(remote: IceTransport, nowMs: number): void {
    if (remote.fingerprints.length > 0) {
      this.#fingerprints = remote.fingerprints.slice(0, MAX_FINGERPRINTS);
    }
    const round = this.#roundOf(remote.iceGeneration ?? 0);
    if (round === undefined) return; // of a restart that is over
    round.agent.setRemoteCredentials({ ufrag: remote.ufrag, password: remote.password }, nowMs);
    round.agent.addRemoteCandidates(remote.candidates, nowMs);
    this.#drain(round);
    if (this.isIceConnected) this.#startDtls();
  }

  /** Whether the message was authentic. */
  handleStun(round: IceRound, message: Uint8Array, address: Uint8Array, nowMs: number): boolean {
    const isAuthentic = round.agent.handleStun(message, address, nowMs);
    this.#drain(round);
    return isAuthentic;
  }

  handleTimeout(nowMs: number): void {
    if (this.#dueMs > nowMs) return;
    this.#handleTimeout(this.#round, nowMs);
    if (this.#nextRound !== undefined) this.#handleTimeout(this.#nextRound, nowMs);
    this.#noteDue();
  }

  handleDtlsConnected(nowMs: number): void {
    if (this.#isClosed || this.isDtlsConnected) return;
    this.isDtlsConnected = true;
    this.#events.dtlsConnected(nowMs);
  }

  handleDtlsClosed(reason: string): void {
    if (this.#isClosed) return;
    const wasConnected = this.isDtlsConnected;
    this.isDtlsConnected = false;
    // A client that closes its connection says goodbye on the signalling path as well.
    if (!(wasConnected && reason === 'closed')) this.#events.failed(`DTLS: ${reason}`);
  }

  /** Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.isDtlsConnected = false;
    this.#context.ice.remove(this.#round.agent);
    if (this.#nextRound !== undefined) this.#context.ice.remove(this.#nextRound.agent);
    this.#context.port.removePeer(this.peer);
  }

  #roundOf(generation: number): IceRound | undefined {
    return [this.#round, this.#nextRound].find((round) => round?.generation === generation);
  }

  #handleTimeout(round: IceRound, nowMs: number): void {
    const dueMs = round.agent.nextTimeoutMs;
    if (dueMs === undefined || dueMs > nowMs) return;
    round.agent.handleTimeout(nowMs);
    this.#drain(round);
  }

  #startRound(generation: number, nowMs: number): IceRound {
    const { random, stunCrypto, options, ice } = this.#context;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const agent = new IceAgent(
        { crypto: stunCrypto, random },
        {
          local: {
            ufrag: stationMark(options.station) + randomToken(random, 10),
            password: randomToken(random, 26),
          },
          ...(options.station !== undefined && { transactionByte: options.station }),
          ...options.ice,
          ...(generation > 0 && { connectTimeoutMs: RESTART_TIMEOUT_MS }),
        },
        nowMs,
      );
      const round = { transport: this, agent, generation };
      if (ice.add(agent, round)) return round;
    }
    throw new Error('no free ICE name after several attempts: is the random source broken?');
  }

  #drain(round: IceRound): void {
    for (;;) {
      // One output may end the transport, or this round.
      const isOver = this.#isClosed || (round !== this.#round && round !== this.#nextRound);
      const output: IceOutput | undefined = isOver ? undefined : round.agent.pollOutput();
      if (output === undefined) break;
      this.#obey(round, output);
    }
    this.#noteDue();
  }

  #noteDue(): void {
    this.#dueMs = Math.min(
      this.#round.agent.nextTimeoutMs ?? Number.POSITIVE_INFINITY,
      this.#nextRound?.agent.nextTimeoutMs ?? Number.POSITIVE_INFINITY,
    );
  }

  #obey(round: IceRound, output: IceOutput): void {
    const { port, logger } = this.#context;
    switch (output.type) {
      case 'send':
        port.sendRaw(output.address, output.packet);
        return;
      case 'addressAllowed':
        port.allowAddress(this.peer, output.address);
        return;
      case 'connected':
        this.isIceConnected = true;
        if (round === this.#nextRound) this.#takeOver(round);
        port.bindAddress(this.peer, output.address);
        logger.debug('endpoint.ice.connected', { address: addressToText(output.address) });
        this.#startDtls();
        return;
      case 'addressChanged':
        port.bindAddress(this.peer, output.address);
        return;
      case 'disconnected':
      case 'reconnected':
        logger.debug(`endpoint.ice.${output.type}`);
        return;
      case 'failed':
        this.#roundFailed(round, `ICE: ${output.reason}`);
        return;
      default: {
        const never: never = output;
        throw new Error(`unknown ICE output ${JSON.stringify(never)}`);
      }
    }
  }

  /** The restart has found an address: the agent of before is of no use any more. */
  #takeOver(round: IceRound): void {
    this.#context.ice.remove(this.#round.agent);
    this.#round = round;
    this.#nextRound = undefined;
    this.#roundFailure = undefined;
  }

  /** One of two may fail: the other decides. */
  #roundFailed(round: IceRound, reason: string): void {
    if (round === this.#nextRound) {
      this.#context.ice.remove(round.agent);
      this.#nextRound = undefined;
      this.#context.logger.debug('endpoint.ice.restart-failed', { reason });
      if (this.#roundFailure !== undefined) this.#events.failed(this.#roundFailure);
    } else if (this.#nextRound !== undefined) this.#roundFailure = reason;
    else this.#events.failed(reason);
  }

  #startDtls(): void {
    if (this.#hasStartedDtls || this.#fingerprints.length === 0) return;
    this.#hasStartedDtls = true;
    // RFC 8842 §5: whoever is active connects; we offered both.
    const isPassive = this.#fingerprints.some((fingerprint) => fingerprint.setup === 'passive');
    this.#context.port.startDtls(this.peer, {
      role: isPassive ? 'client' : 'server',
      fingerprints: this.#fingerprints.map(({ hash, value }) => ({ hash, value })),
    });
  }
}

/** What the user names of a station begin with; see packet-io's `station`. */
function stationMark(station: number | undefined): string {
  return station === undefined ? '' : String.fromCharCode(0x61 + station);
}
