/** Opening, closing, and ends at any moment. */
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { loopbackAddress } from './loopback.fixture.ts';
import { createSelfSignedCertificate } from './packet-io.ts';
import { bytes, stun, useNodes } from './test-nodes.fixture.ts';

const { node } = useNodes(afterEach);

describe('life and end', () => {
  test('a taken port is refused with its number', () => {
    const { io } = node();
    expect(() => node({ port: io.port })).toThrow(
      expect.objectContaining({
        code: 'PACKET_IO_BIND_FAILED',
        message: expect.stringContaining(`${io.port}`),
      }),
    );
  });

  const otherCertificate = () =>
    createSelfSignedCertificate({ commonName: 'x', alternativeNames: [], validDays: 1 })
      .certificate;

  test.each([
    ['a malformed address', () => ({ address: 'nonsense' }), 'PACKET_IO_BIND_FAILED'],
    ['an address of another machine', () => ({ address: '192.0.2.1' }), 'PACKET_IO_BIND_FAILED'],
    ['a port too high', () => ({ port: 65_536 }), 'PACKET_IO_BIND_FAILED'],
    ['no certificate', () => ({ certificate: 'none' }), 'PACKET_IO_CERTIFICATE_INVALID'],
    [
      'a certificate of another key',
      () => ({ certificate: otherCertificate() }),
      'PACKET_IO_CERTIFICATE_INVALID',
    ],
  ])('refuses %s', (_name, options, code) => {
    expect(() => node(options())).toThrow(expect.objectContaining({ code }));
  });

  test('close is idempotent, frees the port, and later calls do nothing', () => {
    const first = node();
    const { port } = first.io;
    const peer = first.io.addPeer();
    first.io.close();
    first.io.close();
    expect(node({ port }).io.port).toBe(port);
    expect(first.io.flush(1)).toBe(0);
    expect(first.io.sendRaw(loopbackAddress(port), stun)).toBe(false);
    expect(first.io.sendRtcp(peer, bytes(8))).toBe(false);
    first.io.removePeer(peer);
    first.io.tick(0);
  });

  test('close from inside a batch is safe', async () => {
    const a = node();
    const b = node();
    const closed = new Promise<number>((resolve) => {
      b.onBatch = (count) => {
        b.io.close();
        resolve(count);
      };
    });
    a.io.sendRaw(b.address, stun);
    expect(await closed).toBe(1);
    await new Promise(setImmediate);
    expect(node({ port: b.io.port }).io.port).toBe(b.io.port);
  });

  test('ending a worker at any moment closes its socket', async () => {
    const sender = node();
    for (let round = 0; round < 3; round++) {
      const worker = new Worker(new URL('./worker.fixture.mjs', import.meta.url));
      const port = await new Promise<number>((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
      });
      for (let i = 0; i < 100 * round; i++) sender.io.sendRaw(loopbackAddress(port), stun);
      await worker.terminate();
      const again = node({ port });
      expect(again.io.port).toBe(port);
      again.io.close();
    }
  });
});
