/**
 * The addon's C code under a fuzzer, with the address and undefined-behaviour sanitizers. A target is a file of
 * test/fuzz/native; its kept inputs are in test/fuzz/corpus, and grow when `--keep` finds new ways through the code.
 *
 *   npm run fuzz:native                        every target for a minute, with libFuzzer (clang)
 *   npm run fuzz:native -- --seconds 600 receive
 *   npm run fuzz:native -- --keep              and adds what reaches new code to the corpus, the smallest set that does
 *
 * Needs clang and its run-time library: on Debian `apt install clang libclang-rt-14-dev`. `npm run sanitize` replays
 * the corpus without them, with the C compiler alone.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { addonFiles, buildSharedObject } from './build-addon.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'test/fuzz/native');
const SHARED = ['fuzz.c', 'replay.c'];
export const FUZZ_TARGETS = readdirSync(folder)
  .filter((file) => file.endsWith('.c') && !SHARED.includes(file))
  .map((file) => basename(file, '.c'));
export const corpusOf = (target) => join(root, 'test/fuzz/corpus', target);

const FLAGS = [
  '-std=c11',
  '-D_GNU_SOURCE',
  '-O1',
  '-g',
  '-fno-omit-frame-pointer',
  '-Wall',
  '-Werror',
];
/** The targets play the kernel. */
const WRAPPED = ['recvmmsg', 'sendmmsg', 'sendmsg'].map((name) => `-Wl,--wrap=${name}`);
/** Those that OpenSSL programs run with: no -dev package is needed, the headers are Node's. */
const LIBRARIES = ['-l:libssl.so.3', '-l:libcrypto.so.3'];

/** Builds a target: with libFuzzer, or with `replay.c` in its place. Returns the program's path. */
export function buildTarget(target, { withFuzzer }) {
  const addon = addonFiles();
  // What speaks with Node is not part of it.
  const sources = addon.sources.filter(
    (file) => !/["<](values\.h|instance\.h|node_api\.h|uv\.h)[">]/.test(readFileSync(file, 'utf8')),
  );
  const own = [`${target}.c`, 'fuzz.c', ...(withFuzzer ? [] : ['replay.c'])];
  const output = join(root, 'dist/fuzz', `${target}-${withFuzzer ? 'libfuzzer' : 'replay'}`);
  const sanitizers = withFuzzer ? 'fuzzer,address,undefined' : 'address,undefined';
  buildSharedObject(
    output,
    [...sources, ...own.map((file) => join(folder, file))],
    [...addon.headers, join(folder, 'fuzz.h')],
    [
      ...FLAGS,
      `-fsanitize=${sanitizers}`,
      '-fno-sanitize-recover=undefined',
      `-I${addon.folder}`,
      ...WRAPPED,
    ],
    LIBRARIES,
    withFuzzer ? 'clang' : undefined,
  );
  return output;
}

/** Crashes are kept in dist/fuzz. True when there was none. */
function fuzz(target, seconds) {
  const program = buildTarget(target, { withFuzzer: true });
  const finds = join(root, 'dist/fuzz', `${target}-corpus`);
  mkdirSync(finds, { recursive: true });
  mkdirSync(corpusOf(target), { recursive: true });
  const args = [
    `-max_total_time=${seconds}`,
    '-max_len=8192',
    '-timeout=10',
    '-print_final_stats=1',
    `-artifact_prefix=${join(root, 'dist/fuzz')}/${target}-`,
    finds,
    corpusOf(target),
  ];
  return spawnSync(program, args, { stdio: 'inherit' }).status === 0;
}

/** The smallest part of the old and new inputs that reaches everything they reach. */
function keep(target) {
  const program = buildTarget(target, { withFuzzer: true });
  const finds = join(root, 'dist/fuzz', `${target}-corpus`);
  const merged = join(root, 'dist/fuzz', `${target}-merged`);
  rmSync(merged, { recursive: true, force: true });
  mkdirSync(merged, { recursive: true });
  const args = ['-merge=1', '-use_counters=0', merged, corpusOf(target), finds];
  if (spawnSync(program, args, { stdio: 'inherit' }).status !== 0) return;
  rmSync(corpusOf(target), { recursive: true });
  renameSync(merged, corpusOf(target));
}

if (
  process.argv[1] !== undefined &&
  realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)
) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '60' },
      keep: { type: 'boolean', default: false },
    },
  });
  if (spawnSync('clang', ['--version']).status !== 0) {
    console.error(
      'There is no clang. On Debian and Ubuntu: `apt install clang libclang-rt-14-dev`.',
    );
    process.exit(2);
  }
  for (const target of positionals.length > 0 ? positionals : FUZZ_TARGETS) {
    console.log(`=== ${target}`);
    if (!fuzz(target, Number(values.seconds))) process.exit(1);
    if (values.keep) keep(target);
  }
}
