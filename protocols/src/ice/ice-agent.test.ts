import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseStunMessage, readStunAttribute, UseCandidate } from '../stun/index.ts';
import { addressToText, isSameAddress } from './address.ts';
import { IceAgent } from './ice-agent.ts';
import { IceRegistry } from './ice-registry.ts';
import { candidate, home, lab, messageClass, moved } from './testing/test-lab.ts';
import {
  address,
  BRIDGE,
  CLIENT,
  seededRandom,
  TestPeer,
  testCrypto,
} from './testing/test-peer.ts';

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
