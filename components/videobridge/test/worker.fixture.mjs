/** Starts `worker.ts` from source in a thread, where a loader given on the command line does not reach. */
import { register } from 'tsx/esm/api';

register();
await import('../src/worker.ts');
