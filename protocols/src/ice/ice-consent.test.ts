/** How an `IceAgent` keeps a pair (RFC 7675). */
import { describe, expect, test } from 'vitest';
import { candidate, home, lab } from './testing/test-lab.ts';
import { CLIENT, seededRandom } from './testing/test-peer.ts';

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
