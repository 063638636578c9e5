/** A bridge core over `FakePacketIo` with manual time; its endpoints are in `test-endpoint.ts`. */
import { type RandomSource, silentLogger } from '@conclave/base';
import type {
  ColibriEvent,
  ColibriResponse,
  ConferenceModify,
  EndpointModify,
  MediaDescription,
  RelayTransport,
} from '@conclave/protocols/colibri';
import { RtpHeader } from '@conclave/protocols/rtp';
import type { StunCrypto } from '@conclave/protocols/stun';
import { BridgeCore } from '../src/core/bridge-core.ts';
import type { VideobridgeOptions } from '../src/options.ts';
import { FakePacketIo } from './fake-packet-io.ts';
import { MEETING, type ReceivedPacket, TestEndpoint } from './test-endpoint.ts';

export const MEDIA: readonly MediaDescription[] = [
  {
    type: 'audio',
    payloadTypes: [
      { id: 111, name: 'opus', clockRateHz: 48_000, channels: 2, parameters: {}, rtcpFeedback: [] },
    ],
    headerExtensions: [
      { id: 1, uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level' },
      {
        id: 5,
        uri: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
      },
    ],
  },
  {
    type: 'video',
    payloadTypes: [
      {
        id: 100,
        name: 'VP8',
        clockRateHz: 90_000,
        parameters: {},
        rtcpFeedback: [{ type: 'nack', subtype: 'pli' }, { type: 'nack' }],
      },
      { id: 96, name: 'rtx', clockRateHz: 90_000, parameters: { apt: '100' }, rtcpFeedback: [] },
    ],
    headerExtensions: [
      {
        id: 5,
        uri: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
      },
      { id: 10, uri: 'urn:ietf:params:rtp-hdrext:sdes:mid' },
    ],
  },
];

/** Seeded, so that a failure can be seen again. */
export function seededRandom(seed = 1): RandomSource {
  let state = seed | 1;
  return {
    bytes(length) {
      return Uint8Array.from({ length }, () => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return state & 0xff;
      });
    },
  };
}

/** Not HMAC-SHA1, but it depends on key and data: wrong passwords are told from right ones. */
export const testCrypto: StunCrypto = {
  hmacSha1(key, data) {
    const out = new Uint8Array(20);
    let sum = 7;
    for (const byte of [...key, 255, ...data]) sum = (Math.imul(sum, 31) + byte) | 0;
    new DataView(out.buffer).setInt32(0, sum);
    return out;
  },
};

export class TestBridge {
  readonly io: FakePacketIo;
  readonly core: BridgeCore;
  readonly events: ColibriEvent[] = [];
  readonly channelTexts = new Map<number, string[]>();
  readonly mapped: (readonly Uint8Array[])[] = [];
  readonly joined: TestEndpoint[] = [];
  readonly toBridges: { readonly to: RelayTransport; readonly text: string }[] = [];
  readonly channelsClosed: { channelId: number; code: number; reason: string }[] = [];
  nowMs = 1000;
  #queued = 0;
  #endpoints: number;

  constructor(
    options: {
      slotCount?: number;
      txCapacity?: number;
      bridge?: Partial<VideobridgeOptions>;
      /** Endpoints' numbers begin with it: SSRCs are unique on bridges that share a conference. */
      firstNumber?: number;
    } = {},
  ) {
    this.#endpoints = options.firstNumber ?? 0;
    this.io = new FakePacketIo(options);
    this.core = new BridgeCore(
      {
        port: this.io,
        random: seededRandom(),
        logger: silentLogger,
        stunCrypto: testCrypto,
        outlet: {
          event: (event) => this.events.push(event),
          sendOnChannel: (channelId, text) => {
            this.channelTexts.set(channelId, [...(this.channelTexts.get(channelId) ?? []), text]);
          },
          sendToBridge: (to, text) => this.toBridges.push({ to, text }),
          addressesMapped: (addresses) => this.mapped.push(addresses),
          closeChannel: (channelId, code, reason) =>
            this.channelsClosed.push({ channelId, code, reason }),
        },
      },
      {
        udpPort: 10_000,
        localAddresses: ['192.0.2.1'],
        channelBaseUrl: 'wss://localhost:8443/colibri-ws/',
        certificate: '',
        privateKey: '',
        ...options.bridge,
      },
    );
  }

  colibri(message: Omit<ConferenceModify, 'meetingId'>): ColibriResponse {
    return this.core.handleColibri({ meetingId: MEETING, ...message }, this.nowMs);
  }

  /** A connected endpoint with its sources signalled. */
  join(
    id: string,
    media: readonly MediaDescription[] = MEDIA,
    options: Pick<EndpointModify, 'sctp' | 'ssrcRewriting' | 'midDemux' | 'visitor'> = {},
  ): TestEndpoint {
    const response = this.colibri({
      ...(this.core.conferenceCount === 0 && { create: true }),
      endpoints: [{ id, create: true, media, ...options }],
    });
    if (response.type !== 'modified') throw new Error(response.text);
    const peer = this.core.peerOf(MEETING, id);
    if (peer === undefined) throw new Error('no peer');
    const url = response.result.endpoints[0]?.transport?.webSocketUrl ?? '';
    const endpoint = new TestEndpoint(this, id, this.#endpoints++, peer, url);
    endpoint.sources = endpoint.describeSources();
    this.joined.push(endpoint);
    this.colibri({ endpoints: [{ id, sources: endpoint.sources }] });
    this.core.handleDtlsConnected(peer, this.nowMs);
    return endpoint;
  }

  /** Puts a packet into the batch that `deliver` hands over. `ageMs`: for how long it has waited to be looked at. */
  queue(from: TestEndpoint, kind: number, bytes: Uint8Array, ageMs = 0): void {
    this.queueFrom(from.peer, kind, bytes, ageMs);
  }

  queueFrom(peer: number, kind: number, bytes: Uint8Array, ageMs = 0): void {
    const ageMicros = ageMs * 1000;
    if (this.io.receive(this.#queued, peer, kind, bytes, undefined, ageMicros)) this.#queued++;
  }

  deliver(): void {
    const count = this.#queued;
    this.#queued = 0;
    this.core.handleBatch(count, this.nowMs);
  }

  receive(from: TestEndpoint, kind: number, bytes: Uint8Array): void {
    this.queue(from, kind, bytes);
    this.deliver();
  }

  /** Moves time on in ticks of 20 ms. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      this.nowMs = Math.min(endMs, this.nowMs + 20);
      this.core.handleTick(this.nowMs);
    }
  }

  counter(name: string): number {
    const value = this.core.stats(this.nowMs).counters[name];
    if (value === undefined) throw new Error(`no counter ${name}`);
    return value;
  }

  receivedBy(endpoint: TestEndpoint): ReceivedPacket[] {
    const header = new RtpHeader();
    return this.io.sent
      .filter((sent) => sent.peer === endpoint.peer)
      .map(({ bytes, rolloverCounter }) => {
        if (!header.read(bytes, 0, bytes.length)) throw new Error('the bridge sent no valid RTP');
        const levelAt = header.findExtension(bytes, 1);
        const transportAt = header.findExtension(bytes, 5);
        const transportSeq =
          transportAt < 0 ? -1 : bytes[transportAt]! * 256 + bytes[transportAt + 1]!;
        const midAt = header.findExtension(bytes, 10);
        return {
          ssrc: header.ssrc,
          payloadType: header.payloadType,
          seq: header.sequenceNumber,
          extendedSeq: rolloverCounter * 65_536 + header.sequenceNumber,
          timestamp: header.timestamp,
          marker: header.marker,
          payload: bytes.slice(header.payloadOffset, header.payloadOffset + header.payloadLength),
          audioLevel: levelAt < 0 ? -1 : bytes[levelAt]!,
          transportSeq,
          mid: midAt < 0 ? '' : text(bytes.subarray(midAt, midAt + header.extensionLength)),
        };
      });
  }

  rtcpTo(endpoint: TestEndpoint): Uint8Array[] {
    return this.io.sentRtcp.filter(({ peer }) => peer === endpoint.peer).map(({ bytes }) => bytes);
  }
}

function text(ascii: Uint8Array): string {
  return String.fromCharCode(...ascii);
}
