/**
 * For tests: a small browser-like peer (controlled, pings like libwebrtc) and a network between it and an agent,
 * with latency, loss and addresses that change. Time is a number.
 */
import { createHmac } from 'node:crypto';
import type { RandomSource } from '@conclave/base';
import {
  ErrorCode,
  IceControlled,
  IceControlling,
  Priority,
  parseStunMessage,
  readStunAttribute,
  STUN_BINDING,
  STUN_ERRORS,
  type StunCrypto,
  type StunMessage,
  StunWriter,
  shortTermKey,
  UseCandidate,
  Username,
  verifyFingerprint,
  verifyIntegrity,
  XorMappedAddress,
} from '../../stun/index.ts';
import {
  addressFromText,
  addressToText,
  isSameAddress,
  isSameRemote,
  LOCAL_AT,
} from '../address.ts';
import { stunAddress } from '../check-message.ts';
import type { IceAgentOptions, IceCredentials, IceOutput } from '../contract.ts';
import { IceAgent } from '../ice-agent.ts';

export const testCrypto: StunCrypto = {
  hmacSha1: (key, data) => createHmac('sha1', key).update(data).digest(),
};

/** mulberry32: a small seeded generator. */
export function seededRandom(seed: number): RandomSource {
  let state = seed | 0;
  return {
    bytes: (length) =>
      Uint8Array.from({ length }, () => {
        state = (state + 0x6d2b79f5) | 0;
        let value = Math.imul(state ^ (state >>> 15), 1 | state);
        value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
        return (value ^ (value >>> 14)) & 0xff;
      }),
  };
}

export const BRIDGE: IceCredentials = { ufrag: 'brdg', password: 'bridgebridgebridgebridge' };
export const CLIENT: IceCredentials = { ufrag: 'clnt', password: 'clientclientclientclient' };

export function address(ip: string, port: number): Uint8Array {
  const record = addressFromText(ip, port);
  if (record === undefined) throw new Error(`no address: ${ip}`);
  return record;
}

export interface TestPeerOptions {
  /** Between two pings while no answer came, and afterwards. */
  readonly pingMs?: number;
  readonly stablePingMs?: number;
  readonly answersChecks?: boolean;
  /** Signs its requests with this instead of the bridge's password. */
  readonly requestPassword?: string;
  /** Signs its answers with this instead of its own password. */
  readonly answerPassword?: string;
  /** Claims to be controlling with this tie-breaker. */
  readonly controllingTieBreaker?: Uint8Array;
  /** As controlling peer: sends USE-CANDIDATE with every check; default true. */
  readonly nominates?: boolean;
}

/** Everything the peer sends leaves from `source`; changing it is a NAT rebinding. */
export class TestPeer {
  source: Uint8Array;
  isSilent = false;
  nextPingMs = 0;
  /** Successes that came back, role conflicts told to us, and nominations seen. */
  successes = 0;
  roleConflicts = 0;
  nominatedFrom: string | undefined;
  mappedAddress: string | undefined;
  readonly #options: TestPeerOptions;
  #counter = 0;

  constructor(source: Uint8Array, options: TestPeerOptions = {}) {
    this.source = source;
    this.#options = options;
  }

  ping(nowMs: number): Uint8Array {
    const { pingMs = 50, stablePingMs = 2500 } = this.#options;
    this.nextPingMs = nowMs + (this.successes > 0 ? stablePingMs : pingMs);
    return this.request();
  }

  /** A check of the client's. */
  request(username = `${BRIDGE.ufrag}:${CLIENT.ufrag}`): Uint8Array {
    const id = new Uint8Array(12);
    new DataView(id.buffer).setUint32(0, 0xc0000000 + this.#counter++);
    const {
      controllingTieBreaker,
      nominates = true,
      requestPassword = BRIDGE.password,
    } = this.#options;
    const writer = new StunWriter('request', STUN_BINDING, id)
      .add(Username, username)
      .add(Priority, 1_853_824_767);
    if (controllingTieBreaker !== undefined) {
      writer.add(IceControlling, controllingTieBreaker);
      if (nominates) writer.add(UseCandidate, true);
    } else {
      writer.add(IceControlled, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    }
    return writer.finish({ key: shortTermKey(requestPassword), crypto: testCrypto });
  }

  /** The answer to a datagram of the agent's, if any. */
  receive(datagram: Uint8Array): Uint8Array | undefined {
    const message = parseStunMessage(datagram);
    if (message === undefined || !verifyFingerprint(message)) throw new Error('agent sent rubbish');
    if (message.messageClass === 'request') return this.#answer(message);
    if (!verifyIntegrity(message, shortTermKey(BRIDGE.password), testCrypto)) {
      throw new Error('agent signed an answer wrongly');
    }
    if (message.messageClass === 'success') {
      this.successes++;
      const mapped = readStunAttribute(message, XorMappedAddress);
      this.mappedAddress = mapped && `${mapped.bytes.join('.')}:${mapped.port}`;
    } else if (readStunAttribute(message, ErrorCode)?.code === 487) {
      this.roleConflicts++;
    }
    return undefined;
  }

  #answer(message: StunMessage): Uint8Array | undefined {
    if (readStunAttribute(message, Username) !== `${CLIENT.ufrag}:${BRIDGE.ufrag}`) {
      throw new Error('wrong username');
    }
    if (!verifyIntegrity(message, shortTermKey(CLIENT.password), testCrypto)) {
      throw new Error('agent signed a check wrongly');
    }
    const { answersChecks = true, answerPassword = CLIENT.password } = this.#options;
    if (!answersChecks) return undefined;
    const integrity = { key: shortTermKey(answerPassword), crypto: testCrypto };
    const isControlling = this.#options.controllingTieBreaker !== undefined;
    const isConflict =
      readStunAttribute(message, isControlling ? IceControlling : IceControlled) !== undefined;
    if (isConflict) {
      return new StunWriter('error', STUN_BINDING, message.transactionId)
        .add(ErrorCode, STUN_ERRORS.roleConflict)
        .finish(integrity);
    }
    if (readStunAttribute(message, UseCandidate)) this.nominatedFrom = addressToText(this.source);
    return new StunWriter('success', STUN_BINDING, message.transactionId)
      .add(XorMappedAddress, stunAddress(address('198.51.100.1', 10_000)))
      .finish(integrity);
  }
}

type NonSend = Exclude<IceOutput, { type: 'send' }>;

/** What the agent reported: `<ms> connected 192.0.2.1:5000`. */
export type Story = string[];

/** One agent and its peers, joined by a network. */
export class IceLab {
  nowMs = 0;
  readonly agent: IceAgent;
  readonly story: Story = [];
  latencyMs = 20;
  /** Whether a datagram is lost. */
  loses: (toPeer: boolean) => boolean = () => false;
  /** Datagrams the agent sent, and to whom the last one went. */
  sent = 0;
  readonly #peers: TestPeer[] = [];
  #inFlight: {
    readonly dueMs: number;
    readonly toPeer: boolean;
    readonly at: Uint8Array;
    readonly datagram: Uint8Array;
  }[] = [];

  constructor(options: Partial<IceAgentOptions> = {}, seed = 1) {
    const dependencies = { crypto: testCrypto, random: seededRandom(seed) };
    this.agent = new IceAgent(dependencies, { local: BRIDGE, ...options }, 0);
  }

  addPeer(peer: TestPeer): TestPeer {
    peer.nextPingMs = this.nowMs;
    this.#peers.push(peer);
    return peer;
  }

  setRemoteCredentials(): void {
    this.agent.setRemoteCredentials(CLIENT, this.nowMs);
    this.drain();
  }

  /** Hands a datagram to the agent now. */
  inject(datagram: Uint8Array, from: Uint8Array): void {
    this.agent.handleStun(datagram, from, this.nowMs);
    this.drain();
  }

  /** Lets time pass, event by event. */
  runUntil(endMs: number): void {
    for (;;) {
      const nextMs = this.#nextEventMs();
      if (nextMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, nextMs);
      this.#deliver();
      for (const peer of this.#peers) {
        if (!peer.isSilent && peer.nextPingMs <= this.nowMs) {
          this.#post(false, peer.source, peer.ping(this.nowMs));
        }
      }
      if ((this.agent.nextTimeoutMs ?? Number.POSITIVE_INFINITY) <= this.nowMs) {
        this.agent.handleTimeout(this.nowMs);
        this.drain();
      }
    }
    this.nowMs = endMs;
  }

  drain(): void {
    for (let output = this.agent.pollOutput(); output; output = this.agent.pollOutput()) {
      if (output.type === 'send') {
        this.sent++;
        this.#post(true, Uint8Array.from(output.address), output.packet);
      } else {
        this.story.push(`${Math.round(this.nowMs)} ${describeOutput(output)}`);
      }
    }
  }

  #nextEventMs(): number {
    let next = this.agent.nextTimeoutMs ?? Number.POSITIVE_INFINITY;
    for (const { dueMs } of this.#inFlight) next = Math.min(next, dueMs);
    for (const peer of this.#peers) if (!peer.isSilent) next = Math.min(next, peer.nextPingMs);
    return next;
  }

  #post(toPeer: boolean, at: Uint8Array, datagram: Uint8Array): void {
    if (this.loses(toPeer)) return;
    this.#inFlight.push({ dueMs: this.nowMs + this.latencyMs, toPeer, at, datagram });
  }

  #deliver(): void {
    const due = this.#inFlight.filter(({ dueMs }) => dueMs <= this.nowMs);
    this.#inFlight = this.#inFlight.filter(({ dueMs }) => dueMs > this.nowMs);
    for (const { toPeer, at, datagram } of due) {
      if (!toPeer) {
        this.inject(datagram, at);
        continue;
      }
      // At which of our addresses it listens makes no difference to what is sent from any.
      const isAny = at[LOCAL_AT] === 0;
      const peer = this.#peers.find(({ source }) =>
        isAny ? isSameRemote(source, at) : isSameAddress(source, at),
      );
      if (peer === undefined || peer.isSilent) continue; // nobody there
      const answer = peer.receive(datagram);
      if (answer !== undefined) this.#post(false, peer.source, answer);
    }
  }
}

function describeOutput(output: NonSend): string {
  if ('address' in output) return `${output.type} ${addressToText(output.address)}`;
  return output.type === 'failed' ? `failed ${output.reason}` : output.type;
}
