// A worker with an instance, for tests that end it; `workerData` may say which port and station, and a `gate` at which the thread stands
// still after the first packet. Plain JavaScript: workers start without a
// TypeScript loader, so it builds the bundle of packet-io in memory first.

import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { buildSync } from 'esbuild';

process.env.CONCLAVE_PACKET_IO ??= fileURLToPath(
  new URL('../../../dist/packet_io.node', import.meta.url),
);
const { outputFiles } = buildSync({
  entryPoints: [fileURLToPath(new URL('./index.ts', import.meta.url))],
  bundle: true,
  write: false,
  platform: 'node',
  format: 'esm',
  define: { 'import.meta.url': JSON.stringify(import.meta.url) },
});
const source = Buffer.from(outputFiles[0].text).toString('base64');
const { createPacketIo, RX_WORDS, createSelfSignedCertificate } = await import(
  `data:text/javascript;base64,${source}`
);
const certificate = createSelfSignedCertificate({
  commonName: 'worker',
  alternativeNames: [],
  validDays: 1,
});
const io = createPacketIo(
  { port: 0, address: '127.0.0.1', slotCount: 64, ...certificate, ...workerData },
  {
    onBatch(count) {
      for (let i = 0; i < count; i++) io.releaseSlot(io.rx[i * RX_WORDS]);
      if (workerData !== null) parentPort.postMessage('packet');
      if (workerData?.gate) Atomics.wait(workerData.gate, 0, 0);
    },
    onDtlsConnected() {},
    onDtlsClosed() {},
  },
);
parentPort.postMessage(io.port);
