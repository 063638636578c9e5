/** The private HTTP port for monitoring: only if it is wanted, only on the loopback address. */
import { availableParallelism } from 'node:os';
import type { Clock, Logger, Timers } from '@conclave/base';
import { AddressCounter } from '@conclave/platform/net';
import type { BridgeStats } from '@conclave/videobridge';
import type { Settings } from '../settings/index.ts';
import { type HealthReport, withinTime } from '../web/health.ts';
import { WebListener } from '../web/web-listener.ts';
import { createPrivateRoutes } from './private-routes.ts';
import { StressMeter } from './stress-meter.ts';

export interface PrivatePortDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly bridge: { stats(): Promise<BridgeStats | undefined> };
  readonly checkHealth: () => Promise<HealthReport>;
}

export interface PrivatePort {
  close(): void;
}

const ADDRESS = '127.0.0.1';
const MAX_CONNECTIONS = 100;
/** A bridge that takes longer has no figures. */
const STATS_TIMEOUT_MS = 3000;

/** Throws StartError when the port cannot be had. Undefined when it is switched off. */
export async function openPrivatePort(
  { clock, timers, logger, bridge, checkHealth }: PrivatePortDependencies,
  settings: Pick<Settings, 'COLIBRI_REST_ENABLED' | 'JVB_COLIBRI_PORT'>,
): Promise<PrivatePort | undefined> {
  if (!settings.COLIBRI_REST_ENABLED) return undefined;
  const listener = new WebListener(
    {
      logger,
      connections: new AddressCounter(MAX_CONNECTIONS),
      handleRequest: createPrivateRoutes({
        logger,
        checkHealth,
        bridgeStats: () => withinTime(timers, STATS_TIMEOUT_MS, bridge.stats(), undefined),
        stress: () => meter.stress,
        usage: () => ({ cpuSeconds: cpuSeconds(), residentBytes: process.memoryUsage.rss() }),
        wallMs: () => clock.wallMs(),
      }),
    },
    { maxConnections: MAX_CONNECTIONS },
  );
  await listener.listen(settings.JVB_COLIBRI_PORT, ADDRESS, 'JVB_COLIBRI_PORT');
  const meter = new StressMeter(timers, {
    cpuSeconds,
    nowMs: () => clock.nowMs(),
    cores: availableParallelism(),
  });
  logger.info('private.listening', { address: ADDRESS, port: settings.JVB_COLIBRI_PORT });
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
