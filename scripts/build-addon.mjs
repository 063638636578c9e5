// Builds the packet-io addon (platform/native) with the C compiler alone, in a few seconds.
//
//   node scripts/build-addon.mjs              dist/packet_io.node; nothing to do when up to date
//   node scripts/build-addon.mjs --sanitize   dist/sanitize/packet_io.node, with ASan and UBSan
//
// scripts/sanitize.mjs runs the tests with the latter, scripts/fuzz-native.mjs fuzzes the same sources.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const FLAGS = [
  '-shared',
  '-fPIC',
  '-std=c11',
  '-D_GNU_SOURCE',
  '-DNAPI_VERSION=8',
  '-O3',
  '-g1',
  '-fvisibility=hidden',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-Wshadow',
  '-Wconversion',
  '-Wno-sign-conversion',
  '-fstack-protector-strong',
  '-D_FORTIFY_SOURCE=2',
  '-Wl,-z,relro,-z,now',
];
const SANITIZE = [
  '-shared',
  '-fPIC',
  '-std=c11',
  '-D_GNU_SOURCE',
  '-DNAPI_VERSION=8',
  '-O1',
  '-g',
  '-fvisibility=hidden',
  '-fsanitize=address,undefined',
  '-fno-sanitize-recover=undefined',
  '-fno-omit-frame-pointer',
];

/** The folder with node_api.h, uv.h and openssl/: next to the running node, or Debian's libnode-dev. */
function includeFolders() {
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  const candidates = [
    join(prefix, 'include/node'),
    '/usr/include/node',
    '/usr/include/nodejs/src',
    '/usr/include/nodejs',
  ];
  const headers = candidates.find((folder) => existsSync(join(folder, 'node_api.h')));
  if (headers === undefined) {
    throw new Error(
      `The headers of Node.js were not found (looked for node_api.h in ${candidates.join(', ')}).\n` +
        'Install them: on Debian and Ubuntu `apt install libnode-dev`; the archives of nodejs.org contain them.',
    );
  }
  const needed = [
    ['uv.h', 'libuv1-dev'],
    ['openssl/ssl.h', 'libssl-dev'],
  ];
  for (const [file, debianPackage] of needed) {
    if (
      ![
        headers,
        '/usr/include',
        `/usr/include/${process.arch === 'x64' ? 'x86_64' : 'aarch64'}-linux-gnu`,
      ].some((f) => existsSync(join(f, file)))
    ) {
      throw new Error(
        `The header ${file} was not found. On Debian and Ubuntu: \`apt install ${debianPackage}\`.`,
      );
    }
  }
  return [headers];
}

/**
 * Compiles `sources` (absolute paths) to the shared object or program `output`, linked with `libraries`, unless the same was done
 * before. Returns whether it compiled. Safe when several processes do it at once.
 */
export function buildSharedObject(
  output,
  sources,
  headers,
  flags,
  libraries = [],
  compiler = process.env.CC ?? 'cc',
) {
  if (process.platform !== 'linux') {
    throw new Error(
      `The packet-io addon needs Linux (recvmmsg, sendmmsg); this is ${process.platform}.`,
    );
  }
  const includes = includeFolders().map((folder) => `-I${folder}`);
  const hash = createHash('sha256');
  for (const part of [process.version, process.arch, compiler, ...flags, ...includes, ...libraries])
    hash.update(`${part}\0`);
  for (const file of [...sources, ...headers]) hash.update(`${file}\0`).update(readFileSync(file));
  const digest = hash.digest('hex');
  const stamp = `${output}.sha256`;
  if (existsSync(output) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest)
    return false;

  mkdirSync(dirname(output), { recursive: true });
  const temporary = `${output}.${process.pid}`;
  const args = [...flags, ...includes, '-o', temporary, ...sources, ...libraries];
  const result = spawnSync(compiler, args, { encoding: 'utf8' });
  if (result.error?.code === 'ENOENT') {
    throw new Error(
      `There is no C compiler (${compiler}). On Debian and Ubuntu: \`apt install gcc libc6-dev\`.`,
    );
  }
  if (result.status !== 0) throw new Error(`${compiler} failed:\n${result.stderr}`);
  renameSync(temporary, output);
  writeFileSync(stamp, digest);
  return true;
}

/** Absolute paths. */
export function addonFiles() {
  const folder = join(root, 'platform/native');
  const files = readdirSync(folder).sort();
  return {
    folder,
    sources: files.filter((f) => f.endsWith('.c')).map((f) => join(folder, f)),
    headers: files.filter((f) => f.endsWith('.h')).map((f) => join(folder, f)),
  };
}

/** Builds the addon when needed; returns its path. */
export function buildAddon({ sanitize = false } = {}) {
  const { sources, headers } = addonFiles();
  const output = join(root, sanitize ? 'dist/sanitize/packet_io.node' : 'dist/packet_io.node');
  const built = buildSharedObject(output, sources, headers, sanitize ? SANITIZE : FLAGS);
  return { output, built };
}

if (
  process.argv[1] !== undefined &&
  realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)
) {
  try {
    const { output, built } = buildAddon({ sanitize: process.argv.includes('--sanitize') });
    console.log(`${output.slice(root.length)}: ${built ? 'built' : 'up to date'}`);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
