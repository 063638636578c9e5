// npm run build: makes dist/ (packet_io.node, server.js, bridge-worker.js, …, web/), and only what is not up to date.
// What went into each product is kept as content hashes in dist/.build.json. `--force` builds everything.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const stateFile = join(dist, '.build.json');

const ENTRIES = {
  server: 'server/src/main.ts',
  'bridge-worker': 'components/videobridge/src/worker.ts',
  conclave: 'clients/cli/src/main.ts',
};
/** Folders whose files can end up in the web client. */
const WEB_SOURCES = ['clients', 'protocols/src', 'base/src'];
/** Files that, when they change, make everything old. */
const TOOLS = ['scripts/build.mjs', 'package-lock.json'];
const COMPRESSED = /\.(js|css|html|svg|json|txt|wasm|webmanifest)$/;

function fail(message) {
  console.error(`build: ${message}`);
  process.exit(1);
}

function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(`${file}\0`);
    try {
      hash.update(readFileSync(join(root, file)));
    } catch {
      hash.update('missing');
    }
    hash.update('\0');
  }
  return hash.digest('hex');
}

/** All files below a folder, relative to the root, sorted. */
function filesBelow(folder) {
  const found = [];
  const walk = (path) => {
    for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
      if (entry.name === 'node_modules' || entry.name === 'dist') continue;
      const child = `${path}/${entry.name}`;
      if (entry.isDirectory()) walk(child);
      else if (!/\.(test|fuzz)\.tsx?$/.test(entry.name)) found.push(child);
    }
  };
  walk(folder);
  return found.sort();
}

function readState() {
  try {
    return JSON.parse(readFileSync(stateFile, 'utf8'));
  } catch {
    return {};
  }
}

const state = process.argv.includes('--force') ? {} : readState();

function isCurrent(product, files, outputs) {
  const last = state[product];
  return (
    last !== undefined &&
    outputs.every((output) => existsSync(join(dist, output))) &&
    last.hash === hashOf(files ?? last.files)
  );
}

/** Whole or not at all: two builds, or a build and a starting server, may run at a time. */
function writeWhole(path, contents) {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, contents);
  renameSync(temporary, path);
}

function remember(product, files) {
  state[product] = { files, hash: hashOf(files) };
  writeWhole(stateFile, JSON.stringify(state));
}

/** Development tools are imported only when there is something to build. */
async function tool(name) {
  try {
    return await import(name);
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    fail(
      `the package "${name}" is not installed. The build needs the development dependencies: ` +
        (existsSync(join(root, 'node_modules'))
          ? 'run "npm ci --include=dev" (NODE_ENV=production leaves them out).'
          : 'run "npm ci".'),
    );
  }
}

function buildAddon() {
  const result = spawnSync(process.execPath, [join(root, 'scripts/build-addon.mjs')], {
    stdio: 'inherit',
  });
  if (result.status !== 0) fail('the native addon could not be built; see above.');
}

async function buildProgram(name, entry) {
  if (isCurrent(name, undefined, [`${name}.js`])) return;
  const { build } = await tool('esbuild');
  console.log(`build: dist/${name}.js`);
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: join(dist, `${name}.js`),
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    sourcemap: 'linked',
    sourcesContent: false,
    // Names stay readable in stacks and in logs.
    keepNames: true,
    legalComments: 'eof',
    metafile: true,
    write: false,
    logLevel: 'warning',
    // Optional accelerators that ws tries to load; never installed here.
    external: ['bufferutil', 'utf-8-validate'],
    // Packages in CommonJS that are bundled into this module still call require for Node's own modules.
    banner: {
      js: "import { createRequire as conclaveCreateRequire } from 'node:module';\nconst require = conclaveCreateRequire(import.meta.url);\nconst conclaveDirname = import.meta.dirname;",
    },
    // node-sqlite3-wasm looks for its .wasm beside itself, which is dist/ then.
    define: { __dirname: 'conclaveDirname' },
  }).catch(() => fail(`dist/${name}.js could not be built; see above.`));
  for (const { path, contents } of result.outputFiles) writeWhole(path, contents);
  const inputs = Object.keys(result.metafile.inputs).filter(
    (path) => !path.startsWith('node_modules/'),
  );
  remember(name, [...inputs.sort(), ...TOOLS]);
}

/** SQLite, which the programs load from beside themselves. */
function copySqlite() {
  const name = 'node-sqlite3-wasm.wasm';
  const wasm = readFileSync(join(root, 'node_modules/node-sqlite3-wasm/dist', name));
  const current = join(dist, name);
  if (!existsSync(current) || !readFileSync(current).equals(wasm)) writeWhole(current, wasm);
}

async function compressBelow(folder) {
  const compress = promisify(brotliCompress);
  const deflate = promisify(gzip);
  await Promise.all(
    readdirSync(folder, { recursive: true, withFileTypes: true }).map(async (entry) => {
      if (!entry.isFile() || !COMPRESSED.test(entry.name)) return;
      const path = join(entry.parentPath ?? entry.path, entry.name);
      const bytes = readFileSync(path);
      if (bytes.length < 1024) return;
      const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
      writeFileSync(`${path}.br`, await compress(bytes, quality));
      writeFileSync(`${path}.gz`, await deflate(bytes, { level: 9 }));
    }),
  );
}

/** Another build may put its own there at the same moment; then ours, being later, wins. */
function replaceFolder(fresh, place) {
  for (let tries = 5; ; tries--) {
    rmSync(place, { recursive: true, force: true });
    try {
      renameSync(fresh, place);
      return;
    } catch (error) {
      if (tries === 0) throw error;
    }
  }
}

/** What a build that was interrupted left behind. */
function removeLeftovers() {
  for (const name of readdirSync(dist)) {
    const [, pid] = /\.(\d+)$/.exec(name) ?? [];
    if (pid === undefined) continue;
    try {
      process.kill(Number(pid), 0); // only asks whether it lives
    } catch {
      rmSync(join(dist, name), { recursive: true, force: true });
    }
  }
}

async function buildWeb() {
  const files = [...WEB_SOURCES.flatMap(filesBelow), ...TOOLS];
  if (isCurrent('web', files, ['web/index.html'])) return;
  const { build } = await tool('vite');
  console.log('build: dist/web/');
  const fresh = join(dist, `web.${process.pid}`);
  await build({
    root: join(root, 'clients/web'),
    configFile: join(root, 'clients/web/vite.config.ts'),
    logLevel: 'error',
    build: { outDir: fresh, emptyOutDir: true },
  }).catch((error) => fail(`dist/web: ${error.message}`));
  if (!existsSync(join(fresh, 'index.html'))) fail('clients/web did not produce an index.html.');
  await compressBelow(fresh);
  replaceFolder(fresh, join(dist, 'web'));
  remember('web', files);
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`Node.js ${process.versions.node} is too old: 20.19 or newer is needed.`);
}
mkdirSync(dist, { recursive: true });
removeLeftovers();
buildAddon();
copySqlite();
for (const [name, entry] of Object.entries(ENTRIES)) await buildProgram(name, entry);
await buildWeb();
