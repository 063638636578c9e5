import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  parseStunMessage,
  readStunAttribute,
  StunWriter,
  shortTermKey,
  textAttribute,
  UseCandidate,
  Username,
} from '../stun/index.ts';
import { addressToText, isSameAddress, LOCAL_AT } from './address.ts';
import type { IceRemoteCandidate } from './contract.ts';
import { IceAgent } from './ice-agent.ts';
import { IceRegistry } from './ice-registry.ts';
import {
  address,
  BRIDGE,
  CLIENT,
  IceLab,
  seededRandom,
  TestPeer,
  type TestPeerOptions,
  testCrypto,
} from './testing/test-peer.ts';

const home = address('192.0.2.1', 50_000);
const moved = address('203.0.113.9', 61_000);

function lab(peerOptions: TestPeerOptions = {}, seed = 1) {
  const network = new IceLab({}, seed);
  const peer = network.addPeer(new TestPeer(home, peerOptions));
  return { network, peer, agent: network.agent };
}

function candidate(values: Partial<IceRemoteCandidate>): IceRemoteCandidate {
  return {
    component: 1,
    protocol: 'udp',
    priority: 2_130_706_431,
    address: '192.0.2.1',
    port: 50_000,
    type: 'host',
    ...values,
  };
}

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

describe('authentication', () => {
  test.each<[string, TestPeerOptions]>([
    ['requests signed with a wrong password', { requestPassword: 'wrongwrongwrongwrongwrong' }],
    ['answers signed with a wrong password', { answerPassword: 'wrongwrongwrongwrongwrong' }],
    ['no answers', { answersChecks: false }],
  ])('%s never connect', (_, options) => {
    const { network, agent } = lab(options);
    network.setRemoteCredentials();
    network.runUntil(119_000);
    expect(agent.state).toBe('checking');
    expect(network.story.filter((line) => !line.includes('addressAllowed'))).toEqual([]);
    network.runUntil(121_000);
    expect(network.story.at(-1)).toBe('120000 failed connect-timeout');
  });

  test('wrongly signed requests are counted, not answered, and learnt from', () => {
    const { network, agent } = lab({ requestPassword: 'wrongwrongwrongwrongwrong' });
    network.setRemoteCredentials();
    network.runUntil(1000);
    expect(network.sent).toBe(0);
    expect(agent.pairCount).toBe(0);
    expect(agent.counters.droppedIntegrity).toBeGreaterThan(10);
  });

  test.each([
    ['another ufrag', 'othr:clnt'],
    ['another remote ufrag', 'brdg:othr'],
    ['three parts', 'brdg:clnt:x'],
    ['no colon', 'brdg'],
    ['nothing', ''],
  ])('USERNAME with %s is dropped', (_, username) => {
    const { network, peer, agent } = lab();
    network.setRemoteCredentials();
    network.inject(peer.request(username), home);
    expect(agent.counters.droppedUsername).toBe(1);
    expect(network.sent).toBe(0);
  });

  test('a request without FINGERPRINT or with broken bytes is malformed', () => {
    const { network, peer, agent } = lab();
    const bytes = peer.request();
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    network.inject(bytes, home);
    network.inject(bytes.subarray(0, bytes.length - 8), home);
    network.inject(new Uint8Array(3), home);
    expect(agent.counters.droppedMalformed).toBe(3);
  });

  test('an answer from another address than the check went to is no answer', () => {
    const { network, peer, agent } = lab();
    network.setRemoteCredentials();
    agent.handleStun(peer.request(), home, 0);
    let answer: Uint8Array | undefined;
    for (let out = agent.pollOutput(); out; out = agent.pollOutput()) {
      if (out.type === 'send') answer ??= peer.receive(out.packet);
    }
    expect(answer).toBeDefined();
    network.inject(answer ?? new Uint8Array(0), moved);
    expect(agent.counters.droppedUnmatched).toBe(1);
    expect(agent.state).toBe('checking');
    network.inject(answer ?? new Uint8Array(0), home);
    expect(agent.state).toBe('connected');
  });

  test('an attribute we must understand but do not is refused with 420 (RFC 8489 §6.3.1)', () => {
    const { agent } = lab();
    const request = new StunWriter('request', 1, new Uint8Array(12))
      .add(Username, 'brdg:clnt')
      .add(textAttribute(0x7abc, 'NEW', 9), 'x')
      .finish({ key: shortTermKey(BRIDGE.password), crypto: testCrypto });
    agent.handleStun(request, home, 0);
    const output = agent.pollOutput();
    expect(output?.type === 'send' && messageClass(output.packet)).toBe('error');
    expect(agent.counters.requestsRefused).toBe(1);
    expect(agent.pairCount).toBe(0);
  });

  test('strangers without the password cannot starve the client', () => {
    const { network, agent } = lab();
    network.setRemoteCredentials();
    network.runUntil(1000);
    const before = agent.counters.requestsAnswered;
    const forger = new TestPeer(moved, { requestPassword: 'wrongwrongwrongwrongwrong' });
    for (let i = 0; i < 10_000; i++) network.inject(forger.request(), moved);
    expect(agent.counters.droppedIntegrity).toBe(100);
    expect(agent.counters.droppedRate).toBe(9900);
    network.inject(new TestPeer(home).request(), home);
    expect(agent.counters.requestsAnswered).toBe(before + 1);
  });

  test('a client that uses ever new addresses gets 32 pairs; failed ones make room', () => {
    const { network, agent, peer } = lab();
    network.setRemoteCredentials();
    network.runUntil(1000);
    for (let i = 0; i < 50; i++) network.inject(peer.request(), address('192.0.2.77', 2000 + i));
    expect(agent.pairCount).toBe(32);
    expect(agent.counters.droppedPairs).toBe(19);
    expect(agent.selectedAddress).toEqual(home);
    network.runUntil(11_000);
    network.inject(peer.request(), address('192.0.2.78', 2000));
    expect(agent.counters.droppedPairs).toBe(19);
    expect(agent.pairCount).toBe(32);
    expect(agent.selectedAddress).toEqual(home);
  });

  test('a keepalive indication is neither answered nor learnt from', () => {
    const { network, agent } = lab();
    network.inject(new StunWriter('indication', 1, new Uint8Array(12)).finish(), home);
    expect(agent.counters.indications).toBe(1);
    expect(network.sent).toBe(0);
    expect(agent.pairCount).toBe(0);
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

describe('a path with a long round trip', () => {
  test('of 800 ms is measured, though every check is repeated meanwhile', () => {
    const { network, agent } = lab();
    network.latencyMs = 400;
    network.setRemoteCredentials();
    network.runUntil(60_000);
    expect(agent.state).toBe('connected');
    expect(agent.rttMs).toBe(800);
  });

  test('a repeated check does not spoil the measurement (Karn)', () => {
    const { network, agent } = lab();
    network.setRemoteCredentials();
    network.runUntil(1000);
    const { checksSent } = agent.counters;
    network.loses = (toPeer) => toPeer && agent.counters.checksSent === checksSent + 1;
    network.runUntil(8000);
    expect(agent.counters.checksSent).toBe(checksSent + 2);
    expect(agent.rttMs).toBe(40);
  });

  test('of 2.8 s keeps consent: answers may come after the check was given up', () => {
    const { network, agent } = lab();
    network.latencyMs = 1400;
    network.setRemoteCredentials();
    network.runUntil(180_000);
    expect(agent.state).not.toBe('failed');
    expect(network.story.some((line) => line.endsWith(' reconnected'))).toBe(true);
  });
});

describe('consent (RFC 7675)', () => {
  test('is asked for every 5 s +-20 %, at random', () => {
    const { network, agent } = lab({ stablePingMs: Number.POSITIVE_INFINITY });
    network.setRemoteCredentials();
    network.runUntil(1000);
    const gaps: number[] = [];
    let last: number | undefined;
    for (let nowMs = 1000; nowMs < 300_000; nowMs += 20) {
      const before = agent.counters.checksSent;
      network.runUntil(nowMs);
      if (agent.counters.checksSent === before) continue;
      if (last !== undefined) gaps.push(nowMs - last);
      last = nowMs;
    }
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(4000);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(6080);
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeGreaterThan(1000);
    expect(agent.state).toBe('connected');
  });

  test('lost: disconnected after five checks, failed 30 s after the last answer', () => {
    const { network, peer, agent } = lab();
    network.setRemoteCredentials();
    network.runUntil(10_000);
    peer.isSilent = true;
    network.runUntil(60_000);
    const [, , disconnected = '', failed = '', ...rest] = network.story;
    expect(disconnected).toMatch(/ disconnected$/);
    expect(failed).toMatch(/ failed consent-expired$/);
    expect(rest).toEqual([]);
    const disconnectedMs = Number.parseInt(disconnected, 10);
    const failedMs = Number.parseInt(failed, 10);
    expect(disconnectedMs).toBeGreaterThan(12_000);
    expect(disconnectedMs).toBeLessThan(19_000);
    expect(failedMs).toBeGreaterThan(34_000);
    expect(failedMs).toBeLessThanOrEqual(40_100);
    expect(agent.state).toBe('failed');
    expect(agent.nextTimeoutMs).toBeUndefined();
    expect(agent.selectedAddress).toBeUndefined();
  });

  test('after failing it is deaf', () => {
    const { network, peer, agent } = lab();
    network.runUntil(130_000);
    expect(agent.state).toBe('failed');
    const { sent } = network;
    network.inject(peer.request(), home);
    agent.handleTimeout(200_000);
    expect(agent.setRemoteCredentials(CLIENT, 200_000)).toBe(false);
    agent.addRemoteCandidates([candidate({})], 200_000);
    expect(network.sent).toBe(sent);
    expect(agent.pairCount).toBe(0);
    expect(agent.counters.droppedFailed).toBeGreaterThan(0);
  });

  test('a client that was gone for 20 s comes back on the same address', () => {
    const { network, peer, agent } = lab();
    network.setRemoteCredentials();
    network.runUntil(10_000);
    peer.isSilent = true;
    network.runUntil(30_000);
    expect(agent.state).toBe('disconnected');
    peer.isSilent = false;
    peer.nextPingMs = 30_000;
    network.runUntil(31_000);
    expect(network.story.at(-1)).toMatch(/ reconnected$/);
    expect(agent.state).toBe('connected');
    network.runUntil(120_000);
    expect(network.story).toHaveLength(4);
  });

  test('holds through 30 % loss for ten minutes', () => {
    const { network, agent } = lab();
    const random = seededRandom(7);
    network.loses = () => (random.bytes(1)[0] ?? 0) < 77;
    network.setRemoteCredentials();
    network.runUntil(600_000);
    expect(agent.state).not.toBe('failed');
    expect(network.story.filter((line) => line.includes('failed'))).toEqual([]);
  });
});

describe('several addresses of ours', () => {
  /** A record of `home` whose datagrams come to our address `local`. */
  const homeAt = (local: number): Uint8Array => {
    const record = home.slice();
    record[LOCAL_AT] = local;
    return record;
  };

  test('are answered each from where the check came to', () => {
    const { network, agent } = lab();
    network.setRemoteCredentials();
    const peer = new TestPeer(home);
    for (const local of [1, 2]) agent.handleStun(peer.request(), homeAt(local), 0);
    const answers: (number | undefined)[] = [];
    for (let output = agent.pollOutput(); output; output = agent.pollOutput()) {
      if (output.type !== 'send' || messageClass(output.packet) !== 'success') continue;
      answers.push(output.address[LOCAL_AT]);
    }
    expect(answers).toEqual([1, 2]);
  });

  test('one of them lost: the other carries the call within 5 s', () => {
    const network = new IceLab();
    const first = network.addPeer(new TestPeer(homeAt(1)));
    network.setRemoteCredentials();
    network.runUntil(500);
    network.addPeer(new TestPeer(homeAt(2)));
    network.runUntil(20_000);
    expect(network.agent.selectedAddress).toEqual(homeAt(1));
    first.isSilent = true;
    network.runUntil(25_000);
    expect(network.agent.selectedAddress).toEqual(homeAt(2));
    expect(network.agent.state).toBe('connected');
  });

  test('a signalled candidate belongs to the one that its first message comes to', () => {
    const network = new IceLab();
    network.agent.addRemoteCandidates([candidate({})], 0);
    network.addPeer(new TestPeer(homeAt(2)));
    network.setRemoteCredentials();
    network.runUntil(500);
    expect(network.agent.pairCount).toBe(1);
    expect(network.agent.selectedAddress).toEqual(homeAt(2));
    // What is signalled later is no new pair.
    network.agent.addRemoteCandidates([candidate({ type: 'relay' })], 500);
    expect(network.agent.pairCount).toBe(1);
  });
});

describe('a client that moves', () => {
  test('NAT rebinding: the old address is dead, the new one takes over within 2 s', () => {
    const { network, peer, agent } = lab();
    network.setRemoteCredentials();
    network.runUntil(20_000);
    peer.source = moved;
    peer.successes = 0; // the client notices that its checks fail and pings faster
    peer.nextPingMs = network.nowMs;
    network.runUntil(22_000);
    expect(agent.selectedAddress).toEqual(moved);
    expect(network.story.slice(2).map((line) => line.replace(/^\d+ /, ''))).toEqual([
      'addressAllowed 203.0.113.9:61000',
      'disconnected',
      'addressChanged 203.0.113.9:61000',
      'reconnected',
    ]);
    expect(peer.nominatedFrom).toBe('203.0.113.9:61000');
    network.runUntil(120_000);
    expect(agent.state).toBe('connected');
    expect(network.story).toHaveLength(6);
  });

  test('an address that dies while it was just heard is given up within 0.5 s of the new one', () => {
    const { network, peer, agent } = lab();
    network.setRemoteCredentials();
    network.runUntil(20_000);
    peer.nextPingMs = 20_000;
    network.runUntil(20_030); // heard from the old address just now
    peer.source = moved;
    peer.nextPingMs = 20_030;
    network.runUntil(20_600);
    expect(agent.selectedAddress).toEqual(moved);
    expect(agent.state).toBe('connected');
  });

  test('a controlled agent that lost its pair takes another valid one', () => {
    const network = new IceLab({ role: 'controlled' });
    const options = { controllingTieBreaker: new Uint8Array(8), nominates: false };
    const first = network.addPeer(new TestPeer(home, options));
    network.setRemoteCredentials();
    network.runUntil(500);
    network.addPeer(new TestPeer(moved, options));
    network.runUntil(10_000);
    expect(network.agent.selectedAddress).toEqual(home);
    first.isSilent = true;
    network.runUntil(25_000);
    expect(network.agent.role).toBe('controlled');
    expect(network.agent.selectedAddress).toEqual(moved);
    expect(network.agent.state).toBe('connected');
  });

  test('a second address beside a living one changes nothing', () => {
    const { network, agent } = lab();
    network.setRemoteCredentials();
    network.runUntil(3000);
    network.addPeer(new TestPeer(moved));
    network.runUntil(120_000);
    expect(agent.selectedAddress).toEqual(home);
    expect(network.story.map((line) => line.replace(/^\d+ /, ''))).toEqual([
      'addressAllowed 192.0.2.1:50000',
      'connected 192.0.2.1:50000',
      'addressAllowed 203.0.113.9:61000',
    ]);
  });

  test('to an address that was valid before: noticed by the silence of the selected one', () => {
    const { network, peer, agent } = lab();
    network.setRemoteCredentials();
    network.addPeer(new TestPeer(moved));
    network.runUntil(20_000);
    expect(agent.selectedAddress).toEqual(home);
    peer.isSilent = true;
    network.runUntil(26_000);
    expect(agent.selectedAddress).toEqual(moved);
    expect(agent.state).toBe('connected');
  });

  test('an address that does not answer checks is never selected', () => {
    const { network, peer, agent } = lab();
    network.setRemoteCredentials();
    network.runUntil(3000);
    peer.isSilent = true;
    network.addPeer(new TestPeer(moved, { answersChecks: false }));
    network.runUntil(60_000);
    expect(network.story.filter((line) => line.includes('addressChanged'))).toEqual([]);
    expect(agent.state).toBe('failed');
  });
});

describe('interface', () => {
  test('refuses credentials that are none, and other ones than before', () => {
    const { agent } = lab();
    expect(agent.setRemoteCredentials({ ufrag: 'abc', password: CLIENT.password }, 0)).toBe(false);
    expect(agent.setRemoteCredentials({ ufrag: 'abcd', password: 'short' }, 0)).toBe(false);
    expect(agent.setRemoteCredentials({ ...CLIENT, ufrag: 'ab:d' }, 0)).toBe(false);
    expect(agent.setRemoteCredentials(CLIENT, 0)).toBe(true);
    expect(agent.setRemoteCredentials(CLIENT, 1)).toBe(true);
    expect(agent.setRemoteCredentials({ ...CLIENT, ufrag: 'else' }, 2)).toBe(false);
  });

  test('bad local credentials are our bug', () => {
    const dependencies = { crypto: testCrypto, random: seededRandom(1) };
    const local = { ufrag: 'x', password: 'y' };
    expect(() => new IceAgent(dependencies, { local }, 0)).toThrow(RangeError);
  });

  test('a caller that does not drain loses datagrams, not news', () => {
    const { peer, agent } = lab();
    agent.setRemoteCredentials(CLIENT, 0);
    for (let i = 0; i < 2000; i++) agent.handleStun(peer.request(), home, i * 1000);
    let outputs = 0;
    let news = 0;
    for (let output = agent.pollOutput(); output; output = agent.pollOutput()) {
      outputs++;
      if (output.type !== 'send') news++;
    }
    expect(outputs).toBeLessThanOrEqual(260);
    expect(news).toBe(1);
  });

  test('tells what was authentic: a sign of life', () => {
    const { peer, agent } = lab();
    const { counters } = agent;
    const forger = new TestPeer(home, { requestPassword: 'wrongwrongwrongwrongwrong' });
    expect(agent.handleStun(peer.request(), home, 0)).toBe(true);
    expect(counters.requestsAnswered).toBe(1); // the object counts on
    expect(agent.handleStun(forger.request(), home, 0)).toBe(false);
    expect(agent.handleStun(peer.request('brdg'), home, 0)).toBe(false);
    expect(agent.handleStun(new Uint8Array(20), home, 0)).toBe(false);
    agent.setRemoteCredentials(CLIENT, 0);
    agent.handleStun(peer.request(), home, 1000);
    for (let out = agent.pollOutput(); out; out = agent.pollOutput()) {
      if (out.type !== 'send' || messageClass(out.packet) !== 'request') continue;
      const answer = peer.receive(out.packet) ?? new Uint8Array(0);
      expect(agent.handleStun(answer, moved, 1010)).toBe(false);
      expect(agent.handleStun(answer, home, 1010)).toBe(true);
      expect(agent.handleStun(answer, home, 1010)).toBe(false); // answered already
      break;
    }
    expect(counters.responsesAccepted).toBe(1);
  });

  test('handleTimeout too early does nothing', () => {
    const { network, agent } = lab();
    network.setRemoteCredentials();
    network.runUntil(3000);
    const { checksSent } = agent.counters;
    for (let i = 0; i < 100; i++) agent.handleTimeout(network.nowMs);
    expect(agent.counters.checksSent).toBe(checksSent);
  });

  test('calling handleTimeout at nextTimeoutMs always makes progress', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 200 }), (seed, lossOf256) => {
        const { network, agent, peer } = lab({}, seed);
        const random = seededRandom(seed);
        network.loses = () => (random.bytes(1)[0] ?? 0) < lossOf256;
        network.setRemoteCredentials();
        network.runUntil(3000);
        peer.isSilent = true;
        let nowMs = network.nowMs;
        let calls = 0;
        while (agent.nextTimeoutMs !== undefined) {
          expect(++calls).toBeLessThan(1000);
          nowMs = Math.max(nowMs, agent.nextTimeoutMs);
          agent.handleTimeout(nowMs);
          while (agent.pollOutput() !== undefined);
          if (agent.nextTimeoutMs !== undefined) expect(agent.nextTimeoutMs).toBeGreaterThan(nowMs);
        }
        expect(agent.state).toBe('failed');
      }),
      { numRuns: 30 },
    );
  });
});

describe('two agents with each other', () => {
  test('connect, one controlled, and find each other in a registry', () => {
    const here = address('198.51.100.1', 10_000);
    const dependencies = { crypto: testCrypto, random: seededRandom(5) };
    const bridge = new IceAgent(dependencies, { local: BRIDGE }, 0);
    const client = new IceAgent(dependencies, { local: CLIENT, role: 'controlled' }, 0);
    const registry = new IceRegistry<IceAgent>();
    expect(registry.add(bridge, bridge)).toBe(true);
    expect(registry.add(bridge, bridge)).toBe(false);
    bridge.setRemoteCredentials(CLIENT, 0);
    client.setRemoteCredentials(BRIDGE, 0);
    client.addRemoteCandidates([candidate({ address: '198.51.100.1', port: 10_000 })], 0);
    const nominations: boolean[] = [];
    for (let nowMs = 0; nowMs < 30_000; nowMs += 10) {
      bridge.handleTimeout(nowMs);
      client.handleTimeout(nowMs);
      for (let out = client.pollOutput(); out; out = client.pollOutput()) {
        if (out.type !== 'send') continue;
        expect(isSameAddress(out.address, here)).toBe(true);
        const found = registry.find(out.packet);
        expect(found).toBe(bridge);
        found?.handleStun(out.packet, home, nowMs);
      }
      for (let out = bridge.pollOutput(); out; out = bridge.pollOutput()) {
        if (out.type !== 'send') continue;
        const message = parseStunMessage(out.packet);
        if (message?.messageClass === 'request') {
          nominations.push(readStunAttribute(message, UseCandidate) === true);
        }
        client.handleStun(out.packet, here, nowMs);
      }
    }
    expect(addressToText(bridge.selectedAddress ?? home)).toBe('192.0.2.1:50000');
    expect(addressToText(client.selectedAddress ?? home)).toBe('198.51.100.1:10000');
    expect(nominations.slice(0, 2)).toEqual([false, true]);
    registry.remove(bridge);
    expect(registry.size).toBe(0);
    expect(registry.find(new TestPeer(home).request())).toBeUndefined();
  });
});

function messageClass(packet: Uint8Array): string | undefined {
  return parseStunMessage(packet)?.messageClass;
}
