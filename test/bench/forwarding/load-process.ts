/** The load generator's process: sockets first, since the plan needs their ports, then runs. */
import { loadBenchAddon, planArguments } from './native.ts';
import type { Plan } from './plan.ts';
import { serve } from './processes.ts';

const addon = loadBenchAddon();
let fds = new Int32Array(0);

serve({
  open(senders: number, offload: boolean): readonly number[] {
    const pairs = addon.loadOpen(senders, offload);
    fds = Int32Array.from(pairs.filter((_, i) => i % 2 === 0));
    return pairs.filter((_, i) => i % 2 === 1);
  },
  /** See load.c. */
  run(
    plan: Plan,
    port: number,
    conferences: number,
    frames: number,
    withKey: boolean,
  ): readonly number[] {
    return addon.loadRun(...planArguments(plan), fds, port, conferences, frames, withKey);
  },
});
