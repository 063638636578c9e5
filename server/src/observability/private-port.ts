/** The private HTTP port, for monitoring and administration: only if it is wanted. */
import { availableParallelism } from 'node:os';
import type { Clock, Logger, Timers } from '@conclave/base';
import { AddressCounter } from '@conclave/platform/net';
import type { BridgeStats } from '@conclave/videobridge';
import type { AdminRoutes } from '../admin/admin-routes.ts';
import type { Settings } from '../settings/index.ts';
import { type HealthReport, withinTime } from '../web/health.ts';
import { WebListener } from '../web/web-listener.ts';
import { isLoopback } from './loopback.ts';
import { createPrivateRoutes } from './private-routes.ts';
import { StressMeter } from './stress-meter.ts';

export interface PrivatePortDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly bridge: { stats(): Promise<BridgeStats | undefined> };
  readonly checkHealth: () => Promise<HealthReport>;
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
  { clock, timers, logger, bridge, checkHealth, admin }: PrivatePortDependencies,
  settings: Pick<Settings, 'COLIBRI_REST_ENABLED' | 'JVB_COLIBRI_PORT' | 'PRIVATE_ADDRESS'>,
): Promise<PrivatePort | undefined> {
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
        onlyLoopbackHosts: isLoopback(address),
        bridgeStats: () => withinTime(timers, STATS_TIMEOUT_MS, bridge.stats(), undefined),
        stress: () => meter.stress,
        usage: () => ({ cpuSeconds: cpuSeconds(), residentBytes: process.memoryUsage.rss() }),
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

/** User and system time of all threads, the bridge's included. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
