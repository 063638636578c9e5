/**
 * `/colibri/stats`: the videobridge's figures as JSON under the names of Jitsi's bridge, for what reads
 * those. Figures that this bridge does not have are absent rather than zero.
 */
import type { BridgeStats } from '@conclave/videobridge';

export interface StatsContext {
  readonly isHealthy: boolean;
  /** Measured load by what is bearable: 1 and above is overload. */
  readonly stress: number;
  /** No meeting begins any more. */
  readonly isShuttingDown: boolean;
  readonly wallMs: number;
}

/** `bridge` is undefined while its worker is down. */
export function colibriStats(
  bridge: BridgeStats | undefined,
  { isHealthy, stress, isShuttingDown, wallMs }: StatsContext,
): Record<string, unknown> {
  const { counters, ...figures } = bridge ?? { counters: {} };
  return {
    current_timestamp: new Date(wallMs).toISOString().replace('T', ' ').replace('Z', ''),
    healthy: isHealthy,
    drain: false,
    graceful_shutdown: isShuttingDown,
    shutting_down: false,
    stress_level: stress,
    ...figures,
    ...(bridge !== undefined && {
      participants: bridge.endpoints,
      local_endpoints: bridge.endpoints,
    }),
    ...counters,
  };
}
