/**
 * Finds out under which address and port the world sees our socket: asks STUN servers from that
 * very socket (RFC 8489 §6.3, RFC 5780 §4.1) and asks again before a NAT would forget the mapping.
 *
 * Answers are not signed: what makes them ours is a random transaction id and the server's address.
 */
import type { RandomSource } from '@conclave/base';
import {
  parseStunMessage,
  readStunAttribute,
  STUN_BINDING,
  StunWriter,
  TRANSACTION_ID_BYTES,
  XorMappedAddress,
} from '../stun/index.ts';
import { ADDRESS_BYTES, isSameAddress, isSameRemote, isUnicast } from './address.ts';

export interface AddressDiscoveryOptions {
  /** Wait for the first answer, doubled each time (RFC 8489 §6.2.1), default 500. */
  readonly retransmissionMs?: number;
  /** Transmissions of one request (Rc), default 7. */
  readonly maxTransmissions?: number;
  /** Between an answer, or giving up, and the next request; NATs keep a mapping for 30 s at least, default 25000. */
  readonly refreshMs?: number;
  /** As in `IceAgentOptions`. */
  readonly transactionByte?: number;
}

/** Servers asked at most; more are ignored. */
const MAX_SERVERS = 8;

interface Query {
  readonly server: Uint8Array;
  transactionId: Uint8Array | undefined;
  transmissions: number;
  dueMs: number;
  /** Kept when the server falls silent: that says nothing about the mapping. */
  mapped: Uint8Array | undefined;
  hasAnswered: boolean;
}

/** Datagram to send. Both belong to the receiver. */
export interface DiscoveryRequest {
  readonly address: Uint8Array;
  readonly packet: Uint8Array;
}

export class AddressDiscovery {
  readonly #random: RandomSource;
  readonly #options: Required<Omit<AddressDiscoveryOptions, 'transactionByte'>>;
  readonly #transactionByte: number | undefined;
  #queries: Query[] = [];

  constructor(random: RandomSource, options: AddressDiscoveryOptions = {}) {
    this.#random = random;
    this.#transactionByte = options.transactionByte;
    this.#options = {
      retransmissionMs: 500,
      maxTransmissions: 7,
      refreshMs: 25_000,
      ...options,
    };
  }

  /** Address records of STUN servers; those already known go on undisturbed, unusable ones are ignored. */
  setServers(servers: readonly Uint8Array[], nowMs: number): void {
    const usable = servers.filter((server) => server.length === ADDRESS_BYTES && isUnicast(server));
    this.#queries = usable.slice(0, MAX_SERVERS).map(
      (server) =>
        this.#queries.find((query) => isSameAddress(query.server, server)) ?? {
          server: server.slice(),
          transactionId: undefined,
          transmissions: 0,
          dueMs: nowMs,
          mapped: undefined,
          hasAnswered: false,
        },
    );
  }

  /** The addresses we are seen under, in the order of the servers, each once. */
  get addresses(): Uint8Array[] {
    const found: Uint8Array[] = [];
    for (const { mapped } of this.#queries) {
      if (mapped !== undefined && !found.some((known) => isSameAddress(known, mapped))) {
        found.push(mapped);
      }
    }
    return found;
  }

  /** Servers that have not answered their latest request in time, or never. For a warning. */
  get silentServers(): Uint8Array[] {
    return this.#queries
      .filter((query) => !query.hasAnswered && query.transactionId === undefined)
      .map(({ server }) => server);
  }

  /** Undefined without servers. */
  get nextTimeoutMs(): number | undefined {
    let nextMs: number | undefined;
    for (const { dueMs } of this.#queries) nextMs = Math.min(nextMs ?? dueMs, dueMs);
    return nextMs;
  }

  /** What is due to be sent at `nowMs`. */
  handleTimeout(nowMs: number): DiscoveryRequest[] {
    const requests: DiscoveryRequest[] = [];
    for (const query of this.#queries) {
      if (query.dueMs > nowMs) continue;
      if (query.transactionId === undefined) {
        query.transactionId = this.#random.bytes(TRANSACTION_ID_BYTES).slice();
        if (this.#transactionByte !== undefined) query.transactionId[0] = this.#transactionByte;
        query.transmissions = 0;
      } else if (query.transmissions >= this.#options.maxTransmissions) {
        this.#end(query, false, nowMs);
        continue;
      }
      query.dueMs = nowMs + this.#options.retransmissionMs * 2 ** query.transmissions;
      query.transmissions++;
      requests.push({
        address: query.server.slice(),
        packet: new StunWriter('request', STUN_BINDING, query.transactionId).finish(),
      });
    }
    return requests;
  }

  /**
   * Whether the datagram from `address` was the answer to a request of ours; `addresses` may have changed then.
   * Anything else is left to others and never throws.
   */
  handleResponse(datagram: Uint8Array, address: Uint8Array, nowMs: number): boolean {
    const query = this.#queries.find((one) => isSameRemote(one.server, address));
    if (query?.transactionId === undefined) return false;
    const message = parseStunMessage(datagram);
    if (message === undefined || message.method !== STUN_BINDING) return false;
    if (message.messageClass !== 'success' && message.messageClass !== 'error') return false;
    const { transactionId } = query;
    if (message.transactionId.some((byte, i) => byte !== transactionId[i])) return false;
    const mapped =
      message.messageClass === 'success' ? readStunAttribute(message, XorMappedAddress) : undefined;
    if (mapped === undefined) {
      this.#end(query, false, nowMs);
      return true;
    }
    const record = new Uint8Array(ADDRESS_BYTES);
    record.set([mapped.family, 0, mapped.port >>> 8, mapped.port & 0xff]);
    record.set(mapped.bytes, 4);
    if (isUnicast(record)) query.mapped = record;
    this.#end(query, true, nowMs);
    return true;
  }

  #end(query: Query, hasAnswered: boolean, nowMs: number): void {
    query.transactionId = undefined;
    query.hasAnswered = hasAnswered;
    query.dueMs = nowMs + this.#options.refreshMs;
  }
}
