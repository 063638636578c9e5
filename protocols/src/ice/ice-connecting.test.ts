/** How an `IceAgent` comes to a selected pair (RFC 8445 §6, §7, §8). */
import { describe, expect, test } from 'vitest';
import type { IceRemoteCandidate } from './contract.ts';
import { candidate, home, lab, messageClass, moved } from './testing/test-lab.ts';
import { BRIDGE, IceLab, seededRandom, TestPeer } from './testing/test-peer.ts';

describe('connecting', () => {
  test('one round trip after the first check of the client; the pair is nominated', () => {
    const { network, peer, agent } = lab();
    network.setRemoteCredentials();
    expect(agent.state).toBe('checking');
    network.runUntil(500);
    expect(network.story).toEqual([
      '20 addressAllowed 192.0.2.1:50000',
      '60 connected 192.0.2.1:50000',
    ]);
    expect(agent.state).toBe('connected');
    expect(peer.nominatedFrom).toBe('192.0.2.1:50000');
    expect(peer.mappedAddress).toBe('192.0.2.1:50000');
    expect(agent.rttMs).toBe(40);
    expect(agent.counters.roleConflicts).toBe(0);
  });

  test('sends its own check before the answer that lets the client start DTLS', () => {
    const { network, peer, agent } = lab();
    network.setRemoteCredentials();
    agent.handleStun(peer.request(), home, 0);
    const classes: (string | undefined)[] = [];
    for (let output = agent.pollOutput(); output; output = agent.pollOutput()) {
      classes.push(output.type === 'send' ? messageClass(output.packet) : output.type);
    }
    expect(classes).toEqual(['addressAllowed', 'request', 'success']);
  });

  test('credentials that come late: checks are answered before and the address is remembered', () => {
    const { network, peer, agent } = lab();
    network.runUntil(1000);
    expect(peer.successes).toBeGreaterThan(0);
    expect(agent.state).toBe('new');
    expect(agent.counters.checksSent).toBe(0);
    peer.isSilent = true; // nothing more from the client: the remembered address must do
    network.nowMs = 1500;
    peer.isSilent = false;
    peer.nextPingMs = Number.POSITIVE_INFINITY;
    network.setRemoteCredentials();
    network.runUntil(2000);
    expect(network.story.at(-1)).toBe('1540 connected 192.0.2.1:50000');
  });

  test('forgets addresses that were learnt from a client with other credentials', () => {
    const { network, peer, agent } = lab();
    network.inject(peer.request(`${BRIDGE.ufrag}:else`), moved);
    expect(agent.pairCount).toBe(1);
    network.setRemoteCredentials();
    expect(agent.pairCount).toBe(0);
    network.inject(peer.request(`${BRIDGE.ufrag}:else`), moved);
    expect(agent.counters.droppedUsername).toBe(1);
  });

  test('signalled candidates are enough when the client sends nothing', () => {
    const { network, peer, agent } = lab();
    peer.nextPingMs = Number.POSITIVE_INFINITY;
    network.setRemoteCredentials();
    agent.addRemoteCandidates([candidate({})], 0);
    network.drain();
    network.runUntil(500);
    expect(network.story).toEqual(['40 connected 192.0.2.1:50000']);
  });

  test('uses signalled candidates that came before the credentials', () => {
    const { network, peer, agent } = lab();
    peer.nextPingMs = Number.POSITIVE_INFINITY;
    agent.addRemoteCandidates([candidate({})], 0);
    network.drain();
    expect(network.sent).toBe(0);
    network.setRemoteCredentials();
    network.runUntil(500);
    expect(agent.state).toBe('connected');
  });

  test.each<[string, Partial<IceRemoteCandidate>]>([
    ['a name', { address: '4f1b2c7e.local' }],
    ['TCP', { protocol: 'tcp' }],
    ['the RTCP component', { component: 2 }],
    ['a well-known port', { port: 53 }],
    ['port 0', { port: 0 }],
    ['multicast', { address: '224.0.0.1' }],
    ['IPv6 multicast', { address: 'ff02::1' }],
    ['broadcast', { address: '255.255.255.255' }],
    ['the unspecified address', { address: '::' }],
    ['an address with zone', { address: 'fe80::1%eth0' }],
  ])('ignores %s', (_, values) => {
    const { network, agent } = lab();
    network.setRemoteCredentials();
    agent.addRemoteCandidates([candidate(values)], 0);
    expect(agent.counters.ignoredCandidates).toBe(1);
    expect(agent.pairCount).toBe(0);
    expect(agent.pollOutput()).toBeUndefined();
  });

  test('uses at most 20 signalled candidates', () => {
    const { network, agent } = lab();
    network.setRemoteCredentials();
    const many = Array.from({ length: 100 }, (_, i) => candidate({ port: 2000 + i }));
    agent.addRemoteCandidates(many, 0);
    expect(agent.pairCount).toBe(20);
    expect(agent.counters.ignoredCandidates).toBe(80);
  });

  test('ordinary checks are paced and begin with the highest priority', () => {
    const network = new IceLab();
    network.setRemoteCredentials();
    const priorities = [100, 300, 200];
    network.agent.addRemoteCandidates(
      priorities.map((priority) => candidate({ priority, port: 5000 + priority })),
      0,
    );
    const ports: [number, number][] = [];
    for (let nowMs = 0; nowMs <= 100; nowMs += 10) {
      network.agent.handleTimeout(nowMs);
      for (let out = network.agent.pollOutput(); out; out = network.agent.pollOutput()) {
        if (out.type === 'send')
          ports.push([nowMs, ((out.address[2] ?? 0) << 8) | (out.address[3] ?? 0)]);
      }
    }
    expect(ports).toEqual([
      [0, 5300],
      [50, 5200],
      [100, 5100],
    ]);
  });

  test('a check that is never answered is sent 7 times, ever more slowly (RFC 8445 §14.3)', () => {
    const network = new IceLab();
    network.setRemoteCredentials();
    network.agent.addRemoteCandidates([candidate({})], 0);
    network.drain();
    const times: number[] = [0];
    for (let nowMs = 0; nowMs < 110_000; nowMs += 100) {
      const before = network.sent;
      network.runUntil(nowMs);
      if (network.sent > before) times.push(nowMs);
    }
    expect(times).toEqual([0, 500, 1500, 3500, 7500, 15_500, 31_500]);
    network.runUntil(120_000);
    expect(network.story).toEqual(['120000 failed connect-timeout']);
  });

  test('a relayed pair is used at once but nominated only when nothing better comes', () => {
    const { network, peer, agent } = lab();
    peer.nextPingMs = Number.POSITIVE_INFINITY;
    network.setRemoteCredentials();
    agent.addRemoteCandidates([candidate({ type: 'relay', priority: 1 })], 0);
    network.drain();
    network.runUntil(400);
    expect(network.story).toEqual(['40 connected 192.0.2.1:50000']);
    expect(peer.nominatedFrom).toBeUndefined();
    network.runUntil(700);
    expect(peer.nominatedFrom).toBe('192.0.2.1:50000');
  });

  test('a direct pair that comes soon replaces a relayed one', () => {
    const { network, peer, agent } = lab();
    peer.nextPingMs = Number.POSITIVE_INFINITY;
    network.setRemoteCredentials();
    agent.addRemoteCandidates([candidate({ type: 'relay', priority: 1 })], 0);
    network.drain();
    network.runUntil(200);
    const direct = network.addPeer(new TestPeer(moved));
    network.runUntil(1000);
    expect(network.story).toEqual([
      '40 connected 192.0.2.1:50000',
      '220 addressAllowed 203.0.113.9:61000',
      '300 addressChanged 203.0.113.9:61000',
    ]);
    expect(direct.nominatedFrom).toBe('203.0.113.9:61000');
    expect(peer.nominatedFrom).toBeUndefined();
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('connects through 40 %% loss (seed %i)', (seed) => {
    const { network, peer, agent } = lab({}, seed);
    const random = seededRandom(seed);
    network.loses = () => (random.bytes(1)[0] ?? 0) < 102;
    network.setRemoteCredentials();
    network.runUntil(5000);
    expect(agent.state).toBe('connected');
    expect(peer.nominatedFrom).toBe('192.0.2.1:50000');
  });
});

describe('role conflicts (RFC 8445 §7.3.1.1)', () => {
  test('the larger tie-breaker stays controlling: the other side is told', () => {
    const { network, peer, agent } = lab({ controllingTieBreaker: new Uint8Array(8) });
    network.inject(peer.request(), home);
    expect(agent.role).toBe('controlling');
    network.runUntil(100);
    expect(peer.roleConflicts).toBeGreaterThan(0);
    expect(agent.counters.requestsAnswered).toBe(0);
  });

  test('against a larger one we give in, and follow its nomination', () => {
    const { network, agent } = lab({ controllingTieBreaker: new Uint8Array(8).fill(0xff) });
    network.setRemoteCredentials();
    network.runUntil(500);
    expect(agent.role).toBe('controlled');
    expect(agent.state).toBe('connected');
  });

  test('told 487 ourselves, we change the role and check again', () => {
    const { network, peer, agent } = lab();
    const controlled = new IceLab({ role: 'controlled' });
    controlled.addPeer(peer);
    peer.nextPingMs = Number.POSITIVE_INFINITY;
    controlled.setRemoteCredentials();
    controlled.agent.addRemoteCandidates([candidate({})], 0);
    controlled.drain();
    controlled.runUntil(500);
    expect(controlled.agent.role).toBe('controlling');
    expect(controlled.agent.state).toBe('connected');
    expect(peer.nominatedFrom).toBe('192.0.2.1:50000');
    expect(agent.role).toBe('controlling');
    expect(network.story).toEqual([]);
  });

  test('a controlled agent selects what the other side nominates', () => {
    const network = new IceLab({ role: 'controlled' });
    const first = network.addPeer(new TestPeer(home, { controllingTieBreaker: new Uint8Array(8) }));
    network.setRemoteCredentials();
    network.runUntil(500);
    expect(network.agent.selectedAddress).toEqual(home);
    first.nextPingMs = Number.POSITIVE_INFINITY;
    network.addPeer(new TestPeer(moved, { controllingTieBreaker: new Uint8Array(8) }));
    network.runUntil(1000);
    expect(network.story.at(-1)).toBe('560 addressChanged 203.0.113.9:61000');
  });
});
