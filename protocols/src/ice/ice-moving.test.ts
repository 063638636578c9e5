/** What an `IceAgent` does when addresses change, on either side. */
import { describe, expect, test } from 'vitest';
import { LOCAL_AT } from './address.ts';
import { candidate, home, lab, messageClass, moved } from './testing/test-lab.ts';
import { IceLab, TestPeer } from './testing/test-peer.ts';

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
