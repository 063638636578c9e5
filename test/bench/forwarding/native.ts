/** The benchmark's own addon: load generator and baseline, built when needed. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { buildSharedObject } from '../../../scripts/build-addon.mjs';
import { memberTables, type Plan } from './plan.ts';

type PlanArguments = readonly [
  conferences: number,
  receivers: number,
  profile: number,
  addresses: Uint8Array,
  keys: Uint8Array,
];

interface BenchAddon {
  baselineOpen(): readonly [fd: number, port: number];
  /** Blocks until a stop datagram; CPU µs and packets sent since the start datagram. */
  baselineRun(...args: [...PlanArguments, fd: number]): readonly [cpuUs: number, sent: number];
  loadOpen(conferences: number, offload: boolean): readonly number[];
  loadRun(
    ...args: [...PlanArguments, fds: Int32Array, bridgePort: number, frames: number]
  ): readonly number[];
}

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const output = path('../../../dist/bench/forwarding.node');

export function buildBenchAddon(): void {
  const native = (name: string) => path(`../../../platform/native/${name}`);
  buildSharedObject(
    output,
    [path('load.c'), path('baseline.c'), native('srtp_cipher.c'), native('srtp_receiver.c')],
    [path('forwarding.h'), native('packet_io.h')],
    [
      '-shared',
      '-fPIC',
      '-std=c11',
      '-D_GNU_SOURCE',
      '-DNAPI_VERSION=8',
      '-O3',
      '-Wall',
      '-Werror',
    ],
  );
}

export function loadBenchAddon(): BenchAddon {
  return createRequire(import.meta.url)(output) as BenchAddon;
}

export function planArguments(plan: Plan): PlanArguments {
  const { addresses, keys } = memberTables(plan);
  const profile = plan.profile === 'AEAD_AES_128_GCM' ? 7 : 1;
  return [plan.conferences, plan.receivers, profile, addresses, keys];
}
