/**
 * One bridge worker's core: takes batches of packets, COLIBRI requests, channel messages and time;
 * owns the conferences. The shell gives it packet-io and a clock; benchmarks drive it the same way.
 *
 * An exception while one conference is served ends that conference and nothing else.
 */
import type { ColibriResponse, ConferenceModify } from '@conclave/protocols/colibri';
import type { VideobridgeOptions } from '../options.ts';
import { BridgeChannels } from './bridge-channels.ts';
import type { BridgeContext } from './bridge-context.ts';
import type { BridgeStats } from './bridge-stats.ts';
import { ChannelSwitch } from './channel-switch.ts';
import { ColibriHandler } from './colibri-handler.ts';
import { Conferences } from './conferences.ts';
import { type BridgeCoreDependencies, createBridgeContext } from './create-bridge-context.ts';
import { type DebugQuery, type DebugState, debugState } from './debug-state.ts';
import { Endpoint } from './endpoint.ts';
import { Housekeeping } from './housekeeping.ts';
import {
  ADDRESS_BYTES,
  PacketKind,
  type PacketPort,
  RX_WORDS,
  Rx,
  SLOT_SIZE,
} from './packet-port.ts';
import { ProbeSender } from './probe-sender.ts';
import { ReceivePipeline } from './receive-pipeline.ts';
import type { ReceiverFailed } from './receiver-failed.ts';
import type { Relay } from './relay/relay.ts';
import { RelayChannel } from './relay/relay-channel.ts';
import { RelayPackets } from './relay/relay-packets.ts';
import { RelayRequests } from './relay/relay-requests.ts';
import { Retransmitter } from './retransmitter.ts';
import { Router } from './router.ts';
import { RtcpReceiver } from './rtcp-receiver.ts';
import type { SlotLedger } from './slot-ledger.ts';
import { StatsCollector } from './stats-collector.ts';

/** With fewer free slots than this part, caches give up packets early. */
const LOW_WATER_SHARE = 0.125;

export class BridgeCore {
  readonly #context: BridgeContext;
  readonly #port: PacketPort;
  readonly #ledger: SlotLedger;
  readonly #receive: ReceivePipeline;
  readonly #rtcp: RtcpReceiver;
  readonly #colibri: ColibriHandler;
  readonly #relayChannel: RelayChannel;
  readonly #relayPackets: RelayPackets;
  /** The bridge channels of endpoints. */
  readonly channels: BridgeChannels;
  readonly #housekeeping: Housekeeping;
  readonly #probes: ProbeSender;
  readonly #stats: StatsCollector;
  readonly #conferences: Conferences;

  constructor(dependencies: BridgeCoreDependencies, options: VideobridgeOptions) {
    const { port } = dependencies;
    this.#port = port;
    const channelSwitch = new ChannelSwitch(dependencies.outlet);
    const receiverFailed: ReceiverFailed = (receiver, error, nowMs) => {
      if (!(receiver instanceof Endpoint)) throw error;
      this.#conferences.fail(receiver.conference, error, nowMs);
    };
    this.#context = createBridgeContext(
      { ...dependencies, outlet: channelSwitch },
      options,
      receiverFailed,
    );
    this.#ledger = this.#context.ledger;
    const retransmitter = new Retransmitter(this.#context);
    const router = new Router(this.#context, port.arena);
    this.#probes = new ProbeSender(this.#context, retransmitter, receiverFailed);
    this.#rtcp = new RtcpReceiver(this.#context, retransmitter, this.#probes);
    this.#conferences = new Conferences(this.#context, {
      addDataChannel: (endpoint, nowMs) => this.channels.addDataChannel(endpoint, nowMs),
      closeChannel: (endpoint) => this.channels.close(endpoint),
      removeRelay: (relay, nowMs) => relays.remove(relay, nowMs),
      forgetPackets: (conference) => this.#receive.forget(conference),
    });
    this.channels = new BridgeChannels(
      this.#context,
      channelSwitch,
      (conferenceId, endpointId) => this.#conferences.find(conferenceId)?.endpoints.get(endpointId),
      (conference, error, nowMs) => this.#conferences.fail(conference, error, nowMs),
    );
    const relayChannel = new RelayChannel(this.#context);
    this.#relayChannel = relayChannel;
    const relays = new RelayRequests(this.#context, this.#conferences, relayChannel);
    this.#colibri = new ColibriHandler(this.#context, this.#conferences, relays);
    this.#relayPackets = new RelayPackets(this.#context, {
      handleRtp: (owner, slot, length, ageMicros, nowMs) =>
        this.#receive.handleRtp(owner, slot, length, ageMicros, nowMs),
      handleSenderReport: (owner, cursor, nowMs) =>
        this.#rtcp.handleSenderReport(owner, cursor, nowMs),
    });
    this.#housekeeping = new Housekeeping(this.#context, this.#probes);
    this.#receive = new ReceivePipeline(
      port,
      router,
      this.#context.keyframes,
      this.#context.counters,
      ({ owner }, error, nowMs) => this.#conferences.fail(owner.conference, error, nowMs),
    );
    this.#stats = new StatsCollector(this.#context, this.#rtcp, retransmitter, this.#probes);
  }

  /** Endpoints there are; with none, ticks have nothing to do. */
  get endpointCount(): number {
    let count = 0;
    for (const conference of this.#conferences.all()) count += conference.endpoints.size;
    return count;
  }

  get conferenceCount(): number {
    return this.#conferences.conferenceCount;
  }

  /** packet-io's handle of an endpoint, for benchmarks that set keys without DTLS. */
  peerOf(meetingId: string, endpointId: string): number | undefined {
    return this.#conferences.find(meetingId)?.endpoints.get(endpointId)?.transport.peer;
  }

  /** `count` receive records are in the port's `rx`. Every slot is released or cached on return. */
  handleBatch(count: number, nowMs: number): void {
    const { rx } = this.#port;
    const { byPeer, relayByPeer } = this.#conferences;
    for (let i = 0; i < count; i++) {
      const at = i * RX_WORDS;
      const slot = rx[at + Rx.slot]!;
      const peer = rx[at + Rx.peer]!;
      this.#ledger.receive(slot);
      const endpoint = peer < 0 ? undefined : byPeer[peer];
      try {
        const ageMicros = rx[at + Rx.ageMicros]!;
        const length = rx[at + Rx.length]!;
        const kind = rx[at + Rx.kind]!;
        const relay = endpoint === undefined ? relayByPeer[peer] : undefined;
        if (relay === undefined) {
          this.#handlePacket(slot, length, kind, endpoint, ageMicros, nowMs);
        } else this.#handleRelayed(relay, slot, length, kind, ageMicros, nowMs);
      } catch (error) {
        if (endpoint === undefined) throw error;
        this.#conferences.fail(endpoint.conference, error, nowMs);
      }
    }
    this.#receive.routePending(nowMs);
    this.#port.flushRelays();
    for (let i = 0; i < count; i++) this.#ledger.releaseUnlessKept(rx[i * RX_WORDS + Rx.slot]!);
    this.#finish(nowMs);
  }

  handleDtlsConnected(peer: number, nowMs: number): void {
    const endpoint = this.#conferences.byPeer[peer];
    if (endpoint === undefined) return;
    try {
      endpoint.transport.handleDtlsConnected(nowMs);
    } catch (error) {
      this.#conferences.fail(endpoint.conference, error, nowMs);
    }
  }

  handleDtlsClosed(peer: number, reason: string, nowMs: number): void {
    const endpoint = this.#conferences.byPeer[peer];
    if (endpoint === undefined) return;
    try {
      endpoint.isConnected = false;
      endpoint.transport.handleDtlsClosed(reason);
      this.#conferences.expireFailed(nowMs);
    } catch (error) {
      this.#conferences.fail(endpoint.conference, error, nowMs);
    }
  }

  handleColibri(message: ConferenceModify, nowMs: number): ColibriResponse {
    try {
      const response = this.#colibri.handle(message, nowMs);
      this.#finish(nowMs);
      return response;
    } catch (error) {
      const conference = this.#conferences.find(message.meetingId);
      if (conference !== undefined) this.#conferences.fail(conference, error, nowMs);
      return { type: 'error', reason: 'bridge_failed', text: 'internal error' };
    }
  }

  /** From the other end of a relay of this conference, on the bridge `from`. */
  handleBridgeMessage(meetingId: string, from: string, text: string, nowMs: number): void {
    const conference = this.#conferences.find(meetingId);
    const relay = conference?.relays.get(from);
    if (conference === undefined || relay === undefined) return;
    try {
      this.#relayChannel.handleMessage(relay, text, nowMs);
    } catch (error) {
      this.#conferences.fail(conference, error, nowMs);
    }
  }

  /** Call about every 20 ms while there are endpoints, and every second otherwise. */
  handleTick(nowMs: number): void {
    for (const conference of [...this.#conferences.all()]) {
      try {
        for (const expired of this.#housekeeping.handleTick(conference, nowMs)) {
          this.#conferences.endpointFailed(expired.endpoint, expired.reason);
        }
        if (this.#housekeeping.isAbandoned(conference, nowMs)) {
          this.#conferences.removeConference(conference, nowMs);
        }
      } catch (error) {
        this.#conferences.fail(conference, error, nowMs);
      }
    }
    this.#context.mapped.handleTick(nowMs);
    this.#context.store.evictOld(nowMs);
    this.#port.tick(nowMs);
    this.#finish(nowMs);
  }

  /** Address records of the STUN servers to ask for our address; those of before are forgotten. */
  setStunServers(servers: readonly Uint8Array[], nowMs: number): void {
    this.#context.mapped.setServers(servers, nowMs);
  }

  /** While true, call `sendPaced` every few milliseconds besides. */
  get hasPaced(): boolean {
    return this.#context.paced.isWaiting || this.#probes.isProbing;
  }

  sendPaced(nowMs: number): void {
    this.#queuePaced(nowMs);
    this.#context.send.flush();
  }

  /** How loaded this bridge is: 1 and above is overload. */
  handleLoad(stress: number, nowMs: number): void {
    const { reducer, options, logger, totals } = this.#context;
    if (options.reducesLoad === false) return;
    if (!reducer.handleStress(stress, () => this.#conferences.mostForwarded(), nowMs)) return;
    totals.lastNChanges++;
    logger.warn('bridge.load.last-n', { stress, lastN: reducer.lastN });
    for (const conference of this.#conferences.all()) conference.requestAllocation(nowMs);
  }

  /** Undefined when there is no such conference or endpoint. */
  debugState(query: DebugQuery, nowMs: number): DebugState | undefined {
    return debugState(this.#conferences.byMeeting, query, nowMs);
  }

  stats(nowMs: number): BridgeStats {
    return this.#stats.collect(this.#conferences.all(), nowMs);
  }

  /** Ends every conference and gives all slots back. */
  close(nowMs: number): void {
    for (const conference of [...this.#conferences.all()]) {
      this.#conferences.removeConference(conference, nowMs);
    }
    this.#context.send.flush();
  }

  #handlePacket(
    slot: number,
    length: number,
    kind: number,
    endpoint: Endpoint | undefined,
    ageMicros: number,
    nowMs: number,
  ): void {
    if (kind === PacketKind.stun) {
      this.#handleStun(slot, length, nowMs);
      return;
    }
    if (endpoint === undefined) {
      this.#context.counters.packetsWithoutEndpoint++;
      return;
    }
    endpoint.lastActivityMs = nowMs;
    if (kind === PacketKind.rtp) {
      this.#receive.handleRtp(endpoint, slot, length, ageMicros, nowMs);
    } else if (kind === PacketKind.rtcp) this.#rtcp.handleRtcp(endpoint, slot, length, nowMs);
    else if (endpoint.sctp !== undefined) {
      const start = slot * SLOT_SIZE;
      endpoint.sctp.handlePacket(this.#port.arena.subarray(start, start + length), nowMs);
    } else this.#context.counters.applicationData++;
  }

  #handleRelayed(
    relay: Relay,
    slot: number,
    length: number,
    kind: number,
    ageMicros: number,
    nowMs: number,
  ): void {
    try {
      this.#relayPackets.handlePacket(relay, kind, slot, length, ageMicros, nowMs);
    } catch (error) {
      this.#conferences.fail(relay.conference, error, nowMs);
    }
  }

  #handleStun(slot: number, length: number, nowMs: number): void {
    const start = slot * SLOT_SIZE;
    const message = this.#port.arena.subarray(start, start + length);
    const at = slot * ADDRESS_BYTES;
    const address = this.#port.addresses.subarray(at, at + ADDRESS_BYTES);
    const { ice, mapped, counters } = this.#context;
    const round = ice.find(message);
    if (round === undefined) {
      if (!mapped.handleResponse(message, address, nowMs)) counters.stunUnmatched++;
      return;
    }
    const endpoint = this.#conferences.byPeer[round.transport.peer];
    if (endpoint === undefined) return;
    try {
      // Only what was authenticated counts as a sign of life.
      if (round.transport.handleStun(round, message, address, nowMs))
        endpoint.lastActivityMs = nowMs;
    } catch (error) {
      this.#conferences.fail(endpoint.conference, error, nowMs);
    }
  }

  /** After every input: due NACKs, sending, endpoints that failed meanwhile. */
  #finish(nowMs: number): void {
    let stream = this.#receive.takeIncomplete();
    for (; stream !== undefined; stream = this.#receive.takeIncomplete()) {
      const { conference } = stream.source.owner;
      try {
        this.#housekeeping.requestMissing(stream, nowMs);
      } catch (error) {
        this.#conferences.fail(conference, error, nowMs);
      }
    }
    this.#queuePaced(nowMs);
    this.#context.maps.flush(nowMs);
    this.#context.send.flush();
    const wanted = Math.floor(this.#port.slotCount * LOW_WATER_SHARE) - this.#port.freeSlots;
    if (wanted > 0) {
      this.#context.store.evictForSpace(wanted);
      this.#context.send.flush();
    }
    this.#conferences.expireFailed(nowMs);
  }

  /** Video that had to wait makes room for padding. */
  #queuePaced(nowMs: number): void {
    this.#context.paced.sendDue(nowMs);
    this.#probes.sendDue(nowMs);
  }
}
