/** How long threads of this process could have run and did not, because others had the core: Linux counts it (`schedstat` in proc(5)). */
import { readdirSync, readFileSync } from 'node:fs';

const NS_PER_US = 1000;

/** Of all threads together, in microseconds since they began; 0 where the kernel does not tell. */
export function waitedForCoreUs(): number {
  let sumNs = 0;
  for (const thread of readdirSync('/proc/self/task')) {
    sumNs += waitedNs(`/proc/self/task/${thread}/schedstat`);
  }
  return sumNs / NS_PER_US;
}

function waitedNs(file: string): number {
  try {
    const [, waited] = readFileSync(file, 'utf8').split(' ');
    return Number(waited);
  } catch {
    return 0; // ended meanwhile, or not told
  }
}
