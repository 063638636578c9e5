/** The entry of the bridge's worker thread; started by `VideobridgeHost`. */
import { parentPort, workerData } from 'node:worker_threads';
import type { VideobridgeOptions } from './options.ts';
import { runBridgeWorker } from './shell/bridge-worker.ts';

if (parentPort === null) throw new Error('this file is the entry of a worker thread');
runBridgeWorker(parentPort, workerData as VideobridgeOptions);
