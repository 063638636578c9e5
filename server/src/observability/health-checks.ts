/** What `/about/health` looks at: the main thread, the bridge worker, and the UDP port between it and the world. */
import type { Clock, Timers } from '@conclave/base';
import type { BridgeStats } from '@conclave/videobridge';
import { checkAll, type HealthReport, shared, withinTime } from '../web/health.ts';
import type { EventLoopMeter } from './event-loop-meter.ts';
import { probeUdpPort } from './udp-probe.ts';

export interface HealthDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly loop: EventLoopMeter;
  readonly bridge: {
    readonly isReady: boolean;
    readonly udpPort: number | undefined;
    stats(): Promise<BridgeStats | undefined>;
  };
}

/** A part that takes longer to answer is not healthy. */
const TIMEOUT_MS = 3000;
/** Lateness of timers that users notice as a server that hangs. */
const MAX_LAG_MS = 2000;
/** Anybody may ask for the server's health. */
const KEPT_MS = 1000;

export function createHealthCheck(deps: HealthDependencies): () => Promise<HealthReport> {
  const { timers, loop, bridge, clock } = deps;
  const bridgeStats = () => withinTime(timers, TIMEOUT_MS, bridge.stats(), undefined);
  const check = () =>
    checkAll({
      mainLoop: async () =>
        loop.worstRecentMs <= MAX_LAG_MS
          ? undefined
          : `the main thread was blocked for ${Math.round(loop.worstRecentMs)} ms`,
      bridgeWorker: async () => {
        // One that died is started again, and the others have its people meanwhile.
        if (!bridge.isReady) return 'the videobridge is not running';
        return (await bridgeStats()) === undefined ? 'the videobridge does not answer' : undefined;
      },
      udpPort: async () => {
        const { udpPort } = bridge;
        if (udpPort === undefined) return 'there is no UDP port while the videobridge is down';
        return probeUdpPort({ timers, bridgeStats }, udpPort);
      },
    });
  return shared(check, KEPT_MS, () => clock.nowMs());
}
