/** The bridge's worker, which stands still for ever when it is told so: `new BroadcastChannel('hang').postMessage(bridgeId)`. */
import { BroadcastChannel, workerData } from 'node:worker_threads';
import '../src/worker.ts';

const channel = new BroadcastChannel('hang');
channel.onmessage = (message: unknown) => {
  const { data } = message as { data: unknown };
  if (data === (workerData as { bridgeId: string }).bridgeId) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
};
channel.unref();
