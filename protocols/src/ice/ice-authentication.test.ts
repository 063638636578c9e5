/** What an `IceAgent` takes from whom. */
import { describe, expect, test } from 'vitest';
import { StunWriter, shortTermKey, textAttribute, Username } from '../stun/index.ts';
import { home, lab, messageClass, moved } from './testing/test-lab.ts';
import {
  address,
  BRIDGE,
  TestPeer,
  type TestPeerOptions,
  testCrypto,
} from './testing/test-peer.ts';

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
