/**
 * npm run sanitize: the addon under the address and undefined-behaviour sanitizers of the C compiler, without
 * anything else to install: its unit and fuzz tests with Node, then the kept inputs of the native fuzz targets.
 * Node itself never frees everything, so leaks are looked for in the latter, where there is no Node.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildAddon } from './build-addon.mjs';
import { buildTarget, corpusOf, FUZZ_TARGETS } from './fuzz-native.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Where the compiler's own run-time library is; it must come before all others. */
function addressSanitizer() {
  const compiler = process.env.CC ?? 'cc';
  const { stdout } = spawnSync(compiler, ['-print-file-name=libasan.so'], { encoding: 'utf8' });
  const path = stdout.trim();
  if (path.startsWith('/')) return path;
  throw new Error(`${compiler} has no address sanitizer: on Debian and Ubuntu it comes with gcc`);
}

/** Programs whose exit status is not 0. */
const failures = [];
function run(name, command, args, env) {
  console.log(`=== ${name}`);
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (status !== 0) failures.push(name);
}

const { output } = buildAddon({ sanitize: true });
run(
  'tests of packet-io',
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    ...['run', '--project', 'unit', '--project', 'fuzz', 'platform/src/packet-io'],
    ...process.argv.slice(2),
  ],
  {
    LD_PRELOAD: addressSanitizer(),
    ASAN_OPTIONS: 'detect_leaks=0',
    UBSAN_OPTIONS: 'print_stacktrace=1',
    CONCLAVE_PACKET_IO: output,
  },
);
for (const target of FUZZ_TARGETS) {
  run(`kept inputs: ${target}`, buildTarget(target, { withFuzzer: false }), [corpusOf(target)]);
}
if (failures.length > 0) {
  console.error(`failed: ${failures.join(', ')}`);
  process.exit(1);
}
