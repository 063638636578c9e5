/** The private HTTP port, for monitoring and administration: only if it is wanted. */
import { availableParallelism } from 'node:os';
import type { Clock, Logger, Timers } from '@conclave/base';
import { AddressCounter } from '@conclave/platform/net';
import type { BridgeStats, DebugQuery, DebugState } from '@conclave/videobridge';
import type { AdminRoutes } from '../admin/admin-routes.ts';
import type { Settings } from '../settings/index.ts';
import { type HealthReport, withinTime } from '../web/health.ts';
import { WebListener } from '../web/web-listener.ts';
import type { EventLoopMeter } from './event-loop-meter.ts';
import { isLoopback } from './loopback.ts';
import { createPrivateRoutes } from './private-routes.ts';
import {
  type ProcessFigures,
  processMetrics,
  type ServerFigures,
  serverMetrics,
} from './server-metrics.ts';
import { StressMeter } from './stress-meter.ts';

export interface PrivatePortDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly bridge: {
    stats(): Promise<BridgeStats | undefined>;
    debugState(query: DebugQuery): Promise<DebugState | undefined>;
  };
  readonly loop: EventLoopMeter;
  readonly figures: () => ServerFigures;
  readonly checkHealth: () => Promise<HealthReport>;
  readonly shutdown: {
    readonly isGraceful: () => boolean;
    readonly begin: (isGraceful: boolean) => void;
  };
  /** Absent: there is no admin API. */
  readonly admin: AdminRoutes | undefined;
}

export interface PrivatePort {
  close(): void;
}

const MAX_CONNECTIONS = 100;
/** A bridge that takes longer has no figures. */
const STATS_TIMEOUT_MS = 3000;

/** Throws StartError when the port cannot be had. Undefined when nothing is wanted of it. */
export async function openPrivatePort(
  deps: PrivatePortDependencies,
  settings: Pick<
    Settings,
    'COLIBRI_REST_ENABLED' | 'JVB_COLIBRI_PORT' | 'PRIVATE_ADDRESS' | 'SHUTDOWN_REST_ENABLED'
  >,
): Promise<PrivatePort | undefined> {
  const { clock, timers, logger, bridge, loop, figures, checkHealth, shutdown, admin } = deps;
  const { COLIBRI_REST_ENABLED, JVB_COLIBRI_PORT: port, PRIVATE_ADDRESS: address } = settings;
  if (!COLIBRI_REST_ENABLED && admin === undefined) return undefined;
  const listener = new WebListener(
    {
      logger,
      connections: new AddressCounter(MAX_CONNECTIONS),
      handleRequest: createPrivateRoutes({
        logger,
        checkHealth,
        admin,
        hasFigures: COLIBRI_REST_ENABLED,
        isShuttingDown: shutdown.isGraceful,
        ...(settings.SHUTDOWN_REST_ENABLED && { shutDown: shutdown.begin }),
        onlyLoopbackHosts: isLoopback(address),
        bridgeStats: () => withinTime(timers, STATS_TIMEOUT_MS, bridge.stats(), undefined),
        stress: () => meter.stress,
        debugState: (query) =>
          withinTime(timers, STATS_TIMEOUT_MS, bridge.debugState(query), undefined),
        otherMetrics: () => [
          ...serverMetrics(figures()),
          ...processMetrics(processFigures(clock), loop),
        ],
        wallMs: () => clock.wallMs(),
      }),
    },
    { maxConnections: MAX_CONNECTIONS },
  );
  await listener.listen(port, address, 'JVB_COLIBRI_PORT');
  const meter = new StressMeter(timers, {
    cpuSeconds,
    nowMs: () => clock.nowMs(),
    cores: availableParallelism(),
  });
  logger.info('private.listening', { address, port });
  return {
    close: () => {
      meter.close();
      listener.stopAccepting();
      listener.destroy();
    },
  };
}

function processFigures(clock: Clock): ProcessFigures {
  const { rss, heapUsed } = process.memoryUsage();
  return {
    cpuSeconds: cpuSeconds(),
    residentBytes: rss,
    heapUsedBytes: heapUsed,
    startedS: Math.round(clock.wallMs() / 1000 - process.uptime()),
  };
}

/** User and system time of all threads, the bridge's included. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
