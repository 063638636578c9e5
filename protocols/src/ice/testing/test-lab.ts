/** What the stories about an `IceAgent` begin with: one client at `home`, and what it may signal. */
import { parseStunMessage } from '../../stun/index.ts';
import type { IceRemoteCandidate } from '../contract.ts';
import { address, IceLab, TestPeer, type TestPeerOptions } from './test-peer.ts';

export const home = address('192.0.2.1', 50_000);
export const moved = address('203.0.113.9', 61_000);

/** An agent with a client at `home`; time stands at 0. */
export function lab(peerOptions: TestPeerOptions = {}, seed = 1) {
  const network = new IceLab({}, seed);
  const peer = network.addPeer(new TestPeer(home, peerOptions));
  return { network, peer, agent: network.agent };
}

/** A candidate at `home`, but for `values`. */
export function candidate(values: Partial<IceRemoteCandidate>): IceRemoteCandidate {
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

export function messageClass(packet: Uint8Array): string | undefined {
  return parseStunMessage(packet)?.messageClass;
}
