/** Two bridges that share a conference, joined as the focus joins them; what crosses is moved by `pump`. */
import { PacketKind } from '@conclave/platform/packet-io';
import type { RelayedEndpoint, RelayModify, RelayTransport } from '@conclave/protocols/colibri';
import { MEDIA, TestBridge } from './test-bridge.ts';
import type { TestEndpoint } from './test-endpoint.ts';

export class RelayedBridges {
  readonly a = new TestBridge({ bridge: { bridgeId: 'a' } });
  readonly b = new TestBridge({ bridge: { bridgeId: 'b' }, firstNumber: 10 });
  /** Packets that do not get across. */
  loses: (packet: Uint8Array) => boolean = () => false;
  /** Packets that went from one to the other, RTCP among them. */
  crossed = 0;
  readonly #peers = new Map<TestBridge, number>();

  join(bridge: TestBridge, id: string): TestEndpoint {
    const endpoint = bridge.join(id);
    if (this.#peers.size > 0) this.tell(this.other(bridge), { id, sources: endpoint.sources });
    return endpoint;
  }

  /** Both have endpoints: makes the relay. */
  connect(): void {
    const toB = this.#create(this.a, 'b');
    const toA = this.#create(this.b, 'a');
    this.relay(this.a, { id: 'b', transport: toA });
    this.relay(this.b, { id: 'a', transport: toB });
    this.pump();
  }

  /** An endpoint of the other bridge changed. */
  tell(bridge: TestBridge, endpoint: RelayedEndpoint): void {
    this.relay(bridge, { id: bridge === this.a ? 'b' : 'a', endpoints: [endpoint] });
  }

  relay(bridge: TestBridge, change: RelayModify): RelayTransport | undefined {
    const response = bridge.colibri({ relays: [change] });
    if (response.type !== 'modified') throw new Error(response.text);
    return response.result.relays?.[0]?.transport;
  }

  other(bridge: TestBridge): TestBridge {
    return bridge === this.a ? this.b : this.a;
  }

  /** Whatever waits to cross does, and what that leads to. */
  pump(): void {
    for (let moved = -1; moved !== this.crossed; ) {
      moved = this.crossed;
      this.#move(this.a, this.b);
      this.#move(this.b, this.a);
    }
  }

  /** On both, tick by tick, with what that leads to. */
  advance(ms: number): void {
    for (let leftMs = ms; leftMs > 0; leftMs -= 20) {
      this.a.advance(20);
      this.b.advance(20);
      this.pump();
    }
  }

  /** RTCP that waits to cross from this bridge. */
  rtcpFrom(bridge: TestBridge): Uint8Array[] {
    const peer = this.#peers.get(bridge);
    return bridge.io.sentRtcp.filter((sent) => sent.peer === peer).map(({ bytes }) => bytes);
  }

  #create(bridge: TestBridge, otherId: string): RelayTransport {
    const others = bridge === this.a ? this.b : this.a;
    const transport = this.relay(bridge, {
      id: otherId,
      create: true,
      media: MEDIA,
      endpoints: others.joined.map(({ id, sources }) => ({ id, sources })),
    });
    if (transport === undefined) throw new Error('no relay');
    this.#peers.set(bridge, transport.end.peer);
    return transport;
  }

  #move(from: TestBridge, to: TestBridge): void {
    const source = this.#peers.get(from);
    const target = this.#peers.get(to);
    if (target === undefined) return;
    const isRelay = ({ peer }: { readonly peer: number }) => peer === source;
    const rtcp = from.io.sentRtcp.filter(isRelay);
    from.io.sentRtcp.splice(
      0,
      Number.POSITIVE_INFINITY,
      ...from.io.sentRtcp.filter((sent) => !isRelay(sent)),
    );
    for (const { bytes } of from.io.relayed.splice(0).filter(isRelay)) {
      this.crossed++;
      if (this.loses(bytes)) continue;
      to.queueFrom(target, PacketKind.rtp, bytes);
    }
    for (const { bytes } of rtcp) {
      this.crossed++;
      to.queueFrom(target, PacketKind.rtcp, bytes);
    }
    to.deliver();
    for (const { to: address, text } of from.toBridges.splice(0)) {
      const fromId = from === this.a ? 'a' : 'b';
      to.core.handleBridgeMessage(address.meetingId, fromId, text, to.nowMs);
    }
  }
}
