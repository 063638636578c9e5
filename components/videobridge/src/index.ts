/** The videobridge (SFU): the main thread's handle on it, and the core for benchmarks and tests. */
export { BandwidthEstimator } from './core/bandwidth/bandwidth-estimator.ts';
export type { ChannelCheck } from './core/bridge-channels.ts';
export { BridgeCore } from './core/bridge-core.ts';
export type { BridgeOutlet } from './core/bridge-outlet.ts';
export type { BridgeStats } from './core/bridge-stats.ts';
export type { BridgeCoreDependencies } from './core/create-bridge-context.ts';
export type { DebugQuery, DebugState } from './core/debug-state.ts';
export type { TransitTimes } from './core/transit-histogram.ts';
export type {
  AdvertisedAddress,
  VideobridgeIceOptions,
  VideobridgeLimits,
  VideobridgeOptions,
} from './options.ts';
export {
  VideobridgeHost,
  type VideobridgeHostDependencies,
  type VideobridgeHostOptions,
} from './shell/videobridge-host.ts';
export type { ChannelHandle, ChannelTransport } from './shell/worker-channels.ts';
export type { WorkerHost } from './shell/worker-host.ts';
