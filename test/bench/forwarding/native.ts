/** The benchmark's own addon: load generator and baselines, built when needed. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { addonFiles, buildSharedObject } from '../../../scripts/build-addon.mjs';
import { memberTables, type Plan } from './plan.ts';

type PlanArguments = readonly [
  conferences: number,
  receivers: number,
  senders: number,
  videoBps: number,
  audio: boolean,
  profile: number,
  addresses: Uint8Array,
  keys: Uint8Array,
  senderPorts: Int32Array,
];

interface BenchAddon {
  baselineOpen(): readonly [fd: number, port: number];
  /** Blocks until a stop datagram; CPU µs and packets sent since the start datagram. */
  baselineRun(
    ...args: [...PlanArguments, fd: number, libsrtp: boolean]
  ): readonly [cpuUs: number, sent: number];
  libsrtpVersion(): string | undefined;
  loadOpen(senders: number, offload: boolean): readonly number[];
  loadRun(
    ...args: [
      ...PlanArguments,
      fds: Int32Array,
      port: number,
      conferences: number,
      frames: number,
      withKey: boolean,
    ]
  ): readonly number[];
}

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const output = path('../../../dist/bench/forwarding.node');

/** Where libsrtp is, as flags for the compiler; none when it is not here and cannot be installed. */
function libsrtpFlags(): readonly string[] {
  const prefix = process.env.LIBSRTP_PREFIX;
  if (prefix !== undefined) {
    return ['-DWITH_LIBSRTP', `-I${prefix}/include`, `${prefix}/lib/libsrtp2.a`];
  }
  const header = '/usr/include/srtp2/srtp.h';
  if (!existsSync(header) && process.getuid?.() === 0) {
    spawnSync('apt-get', ['install', '-y', '-q', 'libsrtp2-dev'], { stdio: 'ignore' });
  }
  return existsSync(header) ? ['-DWITH_LIBSRTP', '-lsrtp2'] : [];
}

export function buildBenchAddon(): void {
  const native = (name: string) => path(`../../../platform/native/${name}`);
  const libsrtp = libsrtpFlags();
  const isSource = (flag: string) => flag.startsWith('-l') || flag.endsWith('.a');
  buildSharedObject(
    output,
    [
      path('load.c'),
      path('judge.c'),
      path('senders.c'),
      path('baseline.c'),
      path('baseline_crypto.c'),
      native('gcm.c'),
      native('srtp_cipher.c'),
      native('srtp_receiver.c'),
    ],
    [path('forwarding.h'), path('baseline_crypto.h'), path('load.h'), ...addonFiles().headers],
    [
      '-shared',
      '-fPIC',
      '-std=c11',
      '-D_GNU_SOURCE',
      '-DNAPI_VERSION=8',
      '-O3',
      // EVP as it is documented, whatever the addon does.
      '-DGCM_BY_PROVIDER',
      '-Wall',
      '-Werror',
      // libsrtp has functions of these names too.
      '-Dsrtp_cipher_init=addon_srtp_cipher_init',
      '-Dsrtp_cipher_free=addon_srtp_cipher_free',
      ...libsrtp.filter((flag) => !isSource(flag)),
    ],
    libsrtp.filter(isSource),
  );
}

export function loadBenchAddon(): BenchAddon {
  return createRequire(import.meta.url)(output) as BenchAddon;
}

/** Of the libsrtp that is measured; undefined without one. */
export interface Libsrtp {
  readonly version: string;
  /** Debian's is built on NSS, which is slower. */
  readonly isOpenssl: boolean;
}

export function findLibsrtp(): Libsrtp | undefined {
  const version = loadBenchAddon().libsrtpVersion();
  if (version === undefined) return undefined;
  const linked = spawnSync('ldd', [output], { encoding: 'utf8' }).stdout;
  return { version, isOpenssl: !linked.includes('libnss') };
}

export function planArguments(plan: Plan): PlanArguments {
  const { addresses, keys } = memberTables(plan);
  return [
    plan.conferences,
    plan.receivers,
    plan.senders,
    plan.videoBps,
    plan.hasAudio,
    plan.profile === 'AEAD_AES_128_GCM' ? 7 : 1,
    addresses,
    keys,
    Int32Array.from(plan.senderPorts),
  ];
}
