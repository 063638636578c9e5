/** What the tests of packet-io begin with: nodes that are closed after each test, and bytes to send. */
import { joinWithKeys, LoopbackNode } from './loopback.fixture.ts';

/** Called once in a file of tests, with the hook that runs after each of them: makers of nodes. */
export function useNodes(afterEach: (close: () => void) => void) {
  const nodes: LoopbackNode[] = [];
  afterEach(() => {
    for (const { io } of nodes.splice(0)) io.close();
  });
  function node(...args: ConstructorParameters<typeof LoopbackNode>): LoopbackNode {
    const created = new LoopbackNode(...args);
    nodes.push(created);
    return created;
  }
  /** Two that have each other's keys; `options` are for the first. */
  function joined(options: ConstructorParameters<typeof LoopbackNode>[0] = {}) {
    const a = node(options);
    const b = node();
    return { a, b, ...joinWithKeys(a, b, 'AEAD_AES_128_GCM') };
  }
  return { node, joined };
}

export const bytes = (length: number, seed = 0) =>
  Uint8Array.from({ length }, (_, i) => (i * 7 + seed) & 0xff);
export const hex = (packet: Uint8Array | undefined) => Buffer.from(packet ?? []).toString('hex');
/** A binding request without attributes. */
export const stun = Uint8Array.of(0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, ...new Uint8Array(12));
