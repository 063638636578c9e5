/** The baseline's process: it blocks in C from `run` until the stop datagram. */
import { loadBenchAddon, planArguments } from './native.ts';
import type { Plan } from './plan.ts';
import { serve } from './processes.ts';

const addon = loadBenchAddon();
let fd = -1;

serve({
  open(): number {
    const [opened, port] = addon.baselineOpen();
    fd = opened;
    return port;
  },
  run(plan: Plan, libsrtp: boolean): readonly [cpuUs: number, sent: number] {
    return addon.baselineRun(...planArguments(plan), fd, libsrtp);
  },
});
