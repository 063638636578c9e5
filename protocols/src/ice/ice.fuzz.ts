/**
 * Random, mutated and valid datagrams, time and credentials in any order at an agent: it never throws, its pairs
 * and outputs stay bounded, it only sends to addresses it heard an authentic check from or was told.
 */
import { byteCorpus } from '@conclave/testkit';
import { expect, test } from 'vitest';
import {
  parseStunMessage,
  StunWriter,
  shortTermKey,
  UseCandidate,
  Username,
} from '../stun/index.ts';
import { addressToText } from './address.ts';
import { writeCheckError, writeCheckSuccess } from './check-message.ts';
import { IceAgent } from './ice-agent.ts';
import { IceRegistry } from './ice-registry.ts';
import {
  address,
  BRIDGE,
  CLIENT,
  seededRandom,
  TestPeer,
  testCrypto,
} from './testing/test-peer.ts';

const INPUTS = 100_000;
const CORPUS = byteCorpus(import.meta.url);
const MAX_PAIRS = 8;
/** Of one input: addressAllowed, check, answer, and news about the selected pair. */
const MAX_OUTPUTS_PER_INPUT = 8;

test('100000 hostile inputs', () => {
  const { bytes } = seededRandom(20_211_231);
  const below = (limit: number) => {
    const [a = 0, b = 0] = bytes(2);
    return ((a << 8) | b) % limit;
  };
  const addresses = Array.from({ length: 40 }, (_, i) => address('192.0.2.1', 10_000 + i));
  const seen = { connected: 0, failed: 0, addressChanged: 0, answered: 0 };
  let strangers = 0;
  let nowMs = 0;
  for (let done = 0; done < INPUTS; ) {
    const role = below(8) === 0 ? 'controlled' : 'controlling';
    const dependencies = { crypto: testCrypto, random: { bytes } };
    const agent = new IceAgent(dependencies, { local: BRIDGE, role, maxPairs: MAX_PAIRS }, nowMs);
    const registry = new IceRegistry<IceAgent>();
    registry.add(agent, agent);
    const peer = new TestPeer(addresses[0] ?? new Uint8Array(20));
    const authentic = new Set<string>();
    let lastCheck: { readonly packet: Uint8Array; readonly to: Uint8Array } | undefined;
    for (let i = 0; i < 500; i++, done++) {
      nowMs += below(4) === 0 ? below(20_000) : below(60);
      const from = addresses[below(addresses.length)] ?? new Uint8Array(20);
      const kind = below(12);
      if (kind === 0) agent.setRemoteCredentials(CLIENT, nowMs);
      else if (kind === 1) agent.handleTimeout(agent.nextTimeoutMs ?? nowMs);
      else if (kind <= 3) agent.handleTimeout(nowMs);
      else {
        let datagram = peer.request();
        let at = from;
        if (kind === 4) {
          // First each of the corpus as it is, then anything.
          const kept = CORPUS[strangers++];
          if (kept !== undefined) {
            agent.handleStun(kept, from, nowMs);
            registry.find(kept);
          }
          datagram = bytes(below(200));
        } else if (kind === 5) datagram = nominating();
        else if (kind >= 8 && lastCheck !== undefined) {
          const id = parseStunMessage(lastCheck.packet)?.transactionId ?? new Uint8Array(12);
          const key = shortTermKey(CLIENT.password);
          if (kind !== 8) at = lastCheck.to;
          const code = [487, 400, 300, 699][below(4)] ?? 400;
          datagram =
            kind === 9
              ? writeCheckError(id, { code, reason: 'x' }, [], key, testCrypto)
              : writeCheckSuccess(id, at, key, testCrypto);
        }
        const isAuthenticRequest =
          (kind >= 5 && kind <= 7) || (kind >= 8 && lastCheck === undefined);
        const original = Uint8Array.from(datagram);
        if (below(3) === 0) mutate(datagram, below);
        const isIntact = original.every((byte, j) => byte === datagram[j]);
        if (isIntact && isAuthenticRequest) authentic.add(addressToText(at));
        registry.find(datagram);
        agent.handleStun(datagram, at, nowMs);
      }
      if (agent.pairCount > MAX_PAIRS) throw new Error('too many pairs');
      let outputs = 0;
      for (let output = agent.pollOutput(); output; output = agent.pollOutput()) {
        outputs++;
        if (output.type === 'send') {
          if (!authentic.has(addressToText(output.address))) throw new Error('sent to a stranger');
          if (output.packet.length > 200) throw new Error('long packet');
          const messageClass = parseStunMessage(output.packet)?.messageClass;
          if (messageClass === 'request') {
            lastCheck = { packet: output.packet, to: Uint8Array.from(output.address) };
          } else if (messageClass === 'success') seen.answered++;
        } else if (output.type in seen) seen[output.type as keyof typeof seen]++;
      }
      if (outputs > MAX_OUTPUTS_PER_INPUT + MAX_PAIRS) throw new Error('too many outputs');
      const next = agent.nextTimeoutMs;
      if (next === undefined) break; // failed: the next agent, please
      if (!Number.isFinite(next)) throw new Error('no next deadline');
    }
  }
  // The fuzzer reached the interesting places.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(10);
});

function nominating(): Uint8Array {
  return new StunWriter('request', 1, new Uint8Array(12))
    .add(Username, `${BRIDGE.ufrag}:${CLIENT.ufrag}`)
    .add(UseCandidate, true)
    .finish({ key: shortTermKey(BRIDGE.password), crypto: testCrypto });
}

function mutate(datagram: Uint8Array, below: (limit: number) => number): void {
  for (let i = below(4) + 1; i > 0 && datagram.length > 0; i--) {
    datagram[below(datagram.length)] = below(256);
  }
}
