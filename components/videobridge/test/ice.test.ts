/** Story: how an endpoint gets connected, stays, moves and is lost. ICE is real on both sides. */
import { PacketKind } from '@conclave/platform/packet-io';
import type { IceTransport } from '@conclave/protocols/colibri';
import { addressFromText, addressToText, IceAgent } from '@conclave/protocols/ice';
import { describe, expect, test } from 'vitest';
import { MEDIA, seededRandom, TestBridge, testCrypto } from './test-bridge.ts';
import { MEETING } from './test-endpoint.ts';

const FINGERPRINT = { hash: 'sha-256', value: 'CC', setup: 'active' as const };

/** A client's ICE agent behind an address of its own, joined to the bridge in memory. */
class Client {
  readonly bridge: TestBridge;
  readonly id: string;
  readonly remote: IceTransport;
  agent: IceAgent;
  address = addressFromText('198.51.100.7', 5000)!;
  /** Datagrams do not arrive in either direction. */
  isCut = false;
  #readFrom: number;

  constructor(bridge: TestBridge, id: string, options: { password?: string } = {}) {
    this.bridge = bridge;
    this.id = id;
    const response = bridge.colibri({
      ...(bridge.core.conferenceCount === 0 && { create: true }),
      endpoints: [{ id, create: true, media: MEDIA }],
    });
    if (response.type !== 'modified') throw new Error(response.text);
    this.remote = response.result.endpoints[0]!.transport!;
    this.#readFrom = bridge.io.sentRaw.length;
    this.agent = new IceAgent(
      { crypto: testCrypto, random: seededRandom(id.length * 77) },
      { role: 'controlled', local: { ufrag: `ufrag${id}`, password: 'p'.repeat(24) } },
      bridge.nowMs,
    );
    this.agent.setRemoteCredentials(
      { ufrag: this.remote.ufrag, password: options.password ?? this.remote.password },
      bridge.nowMs,
    );
    this.agent.addRemoteCandidates(this.remote.candidates, bridge.nowMs);
  }

  answer(setup: 'active' | 'passive' = 'active'): void {
    this.bridge.colibri({
      endpoints: [
        {
          id: this.id,
          transport: {
            ufrag: this.agent.localUfrag,
            password: this.agent.localPassword,
            candidates: [],
            fingerprints: [{ ...FINGERPRINT, setup }],
          },
        },
      ],
    });
  }

  /** Asks for new ICE credentials as the focus does, and takes them; `ann` answers with `confirmRestart`. */
  restart(): IceTransport {
    const response = this.bridge.colibri({ endpoints: [{ id: this.id, iceRestart: true }] });
    if (response.type !== 'modified') throw new Error(response.text);
    const remote = response.result.endpoints[0]!.transport!;
    this.agent = new IceAgent(
      { crypto: testCrypto, random: seededRandom(remote.iceGeneration! * 991) },
      {
        role: 'controlled',
        local: { ufrag: `again${remote.iceGeneration}`, password: 'q'.repeat(24) },
      },
      this.bridge.nowMs,
    );
    this.agent.setRemoteCredentials(
      { ufrag: remote.ufrag, password: remote.password },
      this.bridge.nowMs,
    );
    this.agent.addRemoteCandidates(remote.candidates, this.bridge.nowMs);
    return remote;
  }

  confirmRestart(iceGeneration: number): void {
    const { localUfrag: ufrag, localPassword: password } = this.agent;
    this.bridge.colibri({
      endpoints: [
        {
          id: this.id,
          transport: {
            ufrag,
            password,
            candidates: [],
            fingerprints: [FINGERPRINT],
            iceGeneration,
          },
        },
      ],
    });
  }

  /** Runs both sides for a while. */
  run(ms: number): void {
    for (let t = 0; t < ms; t += 20) {
      this.agent.handleTimeout(this.bridge.nowMs);
      for (let out = this.agent.pollOutput(); out; out = this.agent.pollOutput()) {
        if (out.type === 'send' && !this.isCut) this.#deliver(out.packet);
      }
      this.bridge.advance(20);
      const { sentRaw } = this.bridge.io;
      for (; this.#readFrom < sentRaw.length; this.#readFrom++) {
        const { bytes, address } = sentRaw[this.#readFrom]!;
        if (this.isCut || addressToText(address) !== addressToText(this.address)) continue;
        const from = addressFromText('192.0.2.1', 10_000)!;
        this.agent.handleStun(bytes, from, this.bridge.nowMs);
      }
    }
  }

  #deliver(packet: Uint8Array): void {
    const { io, core, nowMs } = this.bridge;
    if (io.receive(0, -1, PacketKind.stun, packet, this.address)) core.handleBatch(1, nowMs);
  }
}

describe('connecting', () => {
  test.each([
    ['active', 'server'],
    ['passive', 'client'],
  ] as const)('a client that is %s meets a DTLS %s, once, at its address', (setup, role) => {
    const bridge = new TestBridge();
    const client = new Client(bridge, 'ann');
    client.answer(setup);
    client.run(1000);
    const peer = bridge.core.peerOf(MEETING, 'ann')!;
    expect(bridge.io.bound.map(({ address }) => addressToText(address))).toEqual([
      '198.51.100.7:5000',
    ]);
    expect(bridge.io.dtlsStarted).toEqual([{ peer, role }]);
  });

  test('checks that come before the answer are not lost', () => {
    const bridge = new TestBridge();
    const client = new Client(bridge, 'ann');
    client.run(200);
    expect(bridge.io.dtlsStarted).toEqual([]);
    client.answer();
    client.run(300);
    expect(bridge.io.dtlsStarted).toHaveLength(1);
  });

  test('a wrong password or an unknown name connects nobody', () => {
    const bridge = new TestBridge();
    const client = new Client(bridge, 'ann', { password: 'x'.repeat(26) });
    client.answer();
    client.run(1000);
    expect(bridge.io.bound).toEqual([]);
    bridge.colibri({ endpoints: [{ id: 'ann', expire: true }] });
    client.run(1000);
    expect(bridge.counter('dropped_stun_unmatched')).toBeGreaterThan(0);
  });
});

describe('being connected', () => {
  function connected() {
    const bridge = new TestBridge();
    const watcher = bridge.join('watcher');
    watcher.want({});
    const client = new Client(bridge, 'ann');
    client.answer();
    client.run(1000);
    bridge.core.handleDtlsConnected(bridge.core.peerOf(MEETING, 'ann')!, bridge.nowMs);
    return { bridge, client, watcher };
  }

  test('with STUN only, as during a peer-to-peer call, the endpoint stays', () => {
    const { bridge, client, watcher } = connected();
    client.run(100_000);
    expect(bridge.events).toEqual([]);
    expect(bridge.core.peerOf(MEETING, 'ann')).toBeDefined();
    expect(watcher.heard('EndpointConnectivityStatusChangeEvent')).toEqual([]);
  });

  test('an interruption is told to the others, and so is its end', () => {
    const { client, watcher } = connected();
    client.isCut = true;
    client.run(10_000);
    client.isCut = false;
    client.run(7000);
    expect(watcher.heard('EndpointConnectivityStatusChangeEvent')).toEqual([
      { colibriClass: 'EndpointConnectivityStatusChangeEvent', endpoint: 'ann', active: 'false' },
      { colibriClass: 'EndpointConnectivityStatusChangeEvent', endpoint: 'ann', active: 'true' },
    ]);
  });

  test('who opens a channel meanwhile hears of it', () => {
    const { bridge, client } = connected();
    client.isCut = true;
    client.run(10_000);
    const late = bridge.join('late');
    late.want({});
    const [message] = late.heard('EndpointConnectivityStatusChangeEvent');
    expect(message).toMatchObject({ endpoint: 'ann', active: 'false' });
  });

  test('the others are told of who never came, after 15 s', () => {
    const bridge = new TestBridge();
    const watcher = bridge.join('watcher');
    watcher.want({});
    bridge.colibri({ endpoints: [{ id: 'absent', create: true, media: [] }] });
    bridge.advance(14_900);
    const heard = () =>
      watcher
        .heard('EndpointConnectivityStatusChangeEvent')
        .filter(({ endpoint }) => endpoint === 'absent');
    expect(heard()).toEqual([]);
    bridge.advance(1000);
    expect(heard()).toMatchObject([{ active: 'false' }]);
  });

  test('who is gone is expired when consent runs out, and the focus is told', () => {
    const { bridge, client } = connected();
    client.isCut = true;
    client.run(45_000);
    expect(bridge.events).toMatchObject([
      { type: 'endpointExpired', endpointId: 'ann', reason: 'ICE: consent-expired' },
    ]);
  });

  test('a client that moves to another address is followed', () => {
    const { bridge, client } = connected();
    client.address = addressFromText('203.0.113.9', 6000)!;
    client.run(10_000);
    expect(addressToText(bridge.io.bound.at(-1)!.address)).toBe('203.0.113.9:6000');
    expect(bridge.events).toEqual([]);
  });
});

describe('in-place ICE restart', () => {
  function connected() {
    const bridge = new TestBridge();
    const client = new Client(bridge, 'ann');
    client.answer();
    client.run(1000);
    bridge.core.handleDtlsConnected(bridge.core.peerOf(MEETING, 'ann')!, bridge.nowMs);
    return { bridge, client };
  }

  test('new credentials find a new address; the peer, its DTLS and its endpoint stay', () => {
    const { bridge, client } = connected();
    const peer = bridge.core.peerOf(MEETING, 'ann');
    client.isCut = true; // the old network is gone
    client.run(10_000);
    client.address = addressFromText('203.0.113.9', 6000)!;
    client.isCut = false;
    const remote = client.restart();
    expect(remote.iceGeneration).toBe(1);
    expect(remote.ufrag).not.toBe(client.remote.ufrag);
    client.confirmRestart(1);
    client.run(60_000);
    expect(addressToText(bridge.io.bound.at(-1)!.address)).toBe('203.0.113.9:6000');
    expect(bridge.io.dtlsStarted).toHaveLength(1);
    expect(bridge.events).toEqual([]);
    expect(bridge.core.peerOf(MEETING, 'ann')).toBe(peer);
  });

  test('until the new round is connected the old one carries on', () => {
    const { bridge, client } = connected();
    const first = client.agent;
    client.restart(); // the client never answers
    client.agent = first;
    client.run(60_000);
    expect(bridge.events).toEqual([]);
    expect(bridge.io.bound.map(({ address }) => addressToText(address))).toEqual([
      '198.51.100.7:5000',
    ]);
  });

  test('who answers neither round is expired', () => {
    const { bridge, client } = connected();
    client.isCut = true;
    client.run(20_000);
    client.restart();
    client.run(20_000); // consent of the first has run out, the second may still come
    expect(bridge.events).toEqual([]);
    client.run(20_000);
    expect(bridge.events).toMatchObject([{ type: 'endpointExpired', endpointId: 'ann' }]);
  });

  test('rounds are counted; an answer to a round that is over changes nothing', () => {
    const { bridge, client } = connected();
    expect(client.restart().iceGeneration).toBe(1);
    expect(client.restart().iceGeneration).toBe(2);
    client.confirmRestart(1);
    client.confirmRestart(7);
    client.run(1000);
    expect(bridge.io.bound).toHaveLength(1);
    client.confirmRestart(2);
    client.run(1000);
    expect(bridge.io.bound).toHaveLength(2);
    expect(client.restart().iceGeneration).toBe(3);
  });
});
