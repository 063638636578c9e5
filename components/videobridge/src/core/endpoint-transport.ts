/**
 * One endpoint's transport: its ICE agent and the DTLS association behind it. Order: ICE finds an
 * address, the address is bound, DTLS begins when the other side's fingerprints are known.
 */
import { randomToken } from '@conclave/base';
import type { DtlsFingerprint, IceTransport } from '@conclave/protocols/colibri';
import { addressToText, IceAgent, type IceOutput } from '@conclave/protocols/ice';
import type { BridgeContext } from './bridge-context.ts';
import { localCandidates } from './local-candidates.ts';

/** More fingerprints than anybody sends. */
const MAX_FINGERPRINTS = 8;
/** New registrations after a collision of random names; each is unlikely already. */
const MAX_ATTEMPTS = 8;

export interface EndpointTransportEvents {
  dtlsConnected(nowMs: number): void;
  /** ICE or the handshake failed: this transport is of no use any more. */
  failed(reason: string): void;
}

export class EndpointTransport {
  /** packet-io's handle. */
  readonly peer: number;
  readonly agent: IceAgent;
  isDtlsConnected = false;
  isIceConnected = false;
  readonly #context: BridgeContext;
  readonly #events: EndpointTransportEvents;
  #fingerprints: readonly DtlsFingerprint[] = [];
  #hasStartedDtls = false;
  #isClosed = false;
  /** When the agent wants to be called; noted whenever it may have changed, since every tick asks. */
  #dueMs = 0;

  constructor(context: BridgeContext, events: EndpointTransportEvents, nowMs: number) {
    this.#context = context;
    this.#events = events;
    this.agent = this.#registerAgent(nowMs);
    this.peer = context.port.addPeer();
  }

  /** A handshake is under way: packet-io wants ticks. */
  get isHandshaking(): boolean {
    return this.#hasStartedDtls && !this.isDtlsConnected && !this.#isClosed;
  }

  /** What the other side must know. */
  describe(webSocketUrl: string): IceTransport {
    const { options, port, mapped } = this.#context;
    return {
      ufrag: this.agent.localUfrag,
      password: this.agent.localPassword,
      candidates: localCandidates(options, port.port, mapped.addresses),
      fingerprints: [{ hash: 'sha-256', value: port.fingerprint, setup: 'actpass' }],
      webSocketUrl,
    };
  }

  setRemote(remote: IceTransport, nowMs: number): void {
    if (remote.fingerprints.length > 0) {
      this.#fingerprints = remote.fingerprints.slice(0, MAX_FINGERPRINTS);
    }
    this.agent.setRemoteCredentials({ ufrag: remote.ufrag, password: remote.password }, nowMs);
    this.agent.addRemoteCandidates(remote.candidates, nowMs);
    this.#drain();
    if (this.isIceConnected) this.#startDtls();
  }

  /** Whether the message was authentic. */
  handleStun(message: Uint8Array, address: Uint8Array, nowMs: number): boolean {
    const { counters } = this.agent;
    const before = counters.requestsAnswered + counters.responsesAccepted;
    this.agent.handleStun(message, address, nowMs);
    this.#drain();
    return counters.requestsAnswered + counters.responsesAccepted > before;
  }

  handleTimeout(nowMs: number): void {
    if (this.#dueMs > nowMs) return;
    this.agent.handleTimeout(nowMs);
    this.#drain();
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
    this.#context.ice.remove(this.agent);
    this.#context.port.removePeer(this.peer);
  }

  #registerAgent(nowMs: number): IceAgent {
    const { random, stunCrypto, options, ice } = this.#context;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const agent = new IceAgent(
        { crypto: stunCrypto, random },
        {
          local: { ufrag: randomToken(random, 10), password: randomToken(random, 26) },
          ...options.ice,
        },
        nowMs,
      );
      if (ice.add(agent, this)) return agent;
    }
    throw new Error('no free ICE name after several attempts: is the random source broken?');
  }

  #drain(): void {
    for (;;) {
      const output: IceOutput | undefined = this.#isClosed ? undefined : this.agent.pollOutput();
      if (output === undefined) break;
      this.#obey(output);
    }
    this.#dueMs = this.agent.nextTimeoutMs ?? Number.POSITIVE_INFINITY;
  }

  #obey(output: IceOutput): void {
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
        this.#events.failed(`ICE: ${output.reason}`);
        return;
      default: {
        const never: never = output;
        throw new Error(`unknown ICE output ${JSON.stringify(never)}`);
      }
    }
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
