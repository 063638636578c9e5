/**
 * The import rules of ARCHITECTURE.md, checked over the source. `node scripts/check-imports.mjs [ROOT]`
 * prints each violation with the rule it breaks and fails; it also fails when it checked nothing.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findGlobals, findImports } from './check-source-scanner.mjs';

const SKIPPED_FOLDERS = new Set([
  'node_modules',
  'dist',
  'build',
  'coverage',
  'test-output',
  '.git',
]);
const SOURCE = /\.(?:ts|tsx)$/;
const TEST =
  /\.(?:test|fuzz)\.tsx?$|(?:^|\/)vite(?:st)?\.config\.ts$|(?:^|\/)(?:fixtures|testing|test)\//;
const BUILTINS = new Set(builtinModules);

/** What each kind of package may import, besides itself. Downwards only. */
const MAY_IMPORT = {
  base: [],
  protocols: ['base'],
  platform: ['base', 'protocols'],
  component: ['base', 'protocols', 'platform'],
  client: ['base', 'protocols', 'client'],
  // Runs in Node beside the server: accounts and tokens live where the server's do.
  cli: ['base', 'protocols', 'platform', 'component'],
  server: ['base', 'protocols', 'platform', 'component'],
  testkit: ['base', 'protocols', 'platform'],
  test: ['base', 'protocols', 'platform', 'component', 'client', 'cli', 'server', 'testkit'],
};

/** Kinds whose code runs in the browser too: no Node modules. */
const BROWSER_KINDS = new Set(['base', 'protocols', 'client']);

/** Globals that make a core impure: time, timers, randomness, the process, output. */
const IMPURE_GLOBALS = [
  'Date.now',
  'new Date()',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'performance',
  'Math.random',
  'crypto.getRandomValues',
  'crypto.randomUUID',
  'crypto.subtle',
  'console',
  'process',
  'globalThis',
  'fetch',
];

function kindOf(folder) {
  if (folder.startsWith('components/')) return 'component';
  if (folder === 'clients/cli') return 'cli';
  if (folder.startsWith('clients/')) return 'client';
  return folder;
}

/** The workspace packages of the checkout at `root`: `{ name, folder, kind, manifest }`. */
export function readPackages(root) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const folders = manifest.workspaces.flatMap((pattern) => {
    if (!pattern.endsWith('/*')) return [pattern];
    const parent = pattern.slice(0, -2);
    if (!existsSync(join(root, parent))) return [];
    return readdirSync(join(root, parent)).map((name) => `${parent}/${name}`);
  });
  return folders
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map((folder) => {
      const own = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      return { name: own.name, folder, kind: kindOf(folder), manifest: own };
    });
}

function* sourceFiles(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED_FOLDERS.has(entry.name)) yield* sourceFiles(path);
    } else if (SOURCE.test(entry.name)) yield path;
  }
}

/**
 * Checks the checkout at `root`. Returns `{ problems: [{ file, line, rule, message }], counts }`;
 * `counts` says how much was looked at: files, imports, core files, packages.
 */
export function checkImports(root) {
  const packages = readPackages(root);
  const rootManifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const byName = new Map(packages.map((p) => [p.name, p]));
  const problems = [];
  const counts = { packages: packages.length, files: 0, imports: 0, coreFiles: 0, sansIoFiles: 0 };
  /** File → files it imports for their values; for the search of cycles. */
  const graph = new Map();

  for (const pkg of packages) {
    if (!(pkg.kind in MAY_IMPORT)) {
      problems.push({ file: pkg.folder, line: 1, rule: 'layers', message: 'is in no known layer' });
      continue;
    }
    for (const path of sourceFiles(join(root, pkg.folder))) {
      const file = relative(root, path).split(sep).join('/');
      const isTest = pkg.kind === 'test' || TEST.test(file);
      const context = {
        root,
        pkg,
        packages,
        byName,
        rootManifest,
        file,
        path,
        isTest,
      };
      const source = readFileSync(path, 'utf8');
      const report = (line, rule, message) => problems.push({ file, line, rule, message });
      counts.files++;
      const targets = [];
      graph.set(path, targets);
      for (const found of findImports(source)) {
        counts.imports++;
        checkOne(context, found, report, targets);
      }
      const isCore = pkg.kind === 'component' && file.startsWith(`${pkg.folder}/src/core/`);
      const isSansIo = isCore || pkg.kind === 'base' || pkg.kind === 'protocols';
      if (isCore) counts.coreFiles++;
      if (isSansIo) counts.sansIoFiles++;
      if (isSansIo && !context.isTest) {
        for (const { name, line } of findGlobals(source, IMPURE_GLOBALS)) {
          report(line, 'pure', `uses ${name}; time, randomness and output are passed in`);
        }
      }
    }
  }
  for (const cycle of findCycles(graph)) {
    const names = cycle.map((path) => relative(root, path).split(sep).join('/'));
    problems.push({ file: names[0], line: 1, rule: 'cycle', message: names.join(' -> ') });
  }
  return { problems, counts };
}

function checkOne(context, { specifier, line, typeOnly }, report, targets) {
  const { pkg, byName, isTest, file } = context;
  if (specifier.startsWith('.')) {
    checkRelative(context, specifier, line, typeOnly, report, targets);
    return;
  }
  const bare = specifier.startsWith('node:') ? specifier.slice(5) : specifier;
  if (specifier.startsWith('node:') || BUILTINS.has(bare.split('/')[0])) {
    if (isTest) return;
    if (!specifier.startsWith('node:')) report(line, 'node', `write node:${bare}`);
    if (BROWSER_KINDS.has(pkg.kind))
      report(line, 'node', `${pkg.folder} runs in browsers: no ${specifier}`);
    if (inCore(pkg, file)) report(line, 'core', `core never imports ${specifier}`);
    return;
  }
  const name = specifier.startsWith('@')
    ? specifier.split('/').slice(0, 2).join('/')
    : specifier.split('/')[0];
  const target = byName.get(name);
  if (target === undefined) {
    checkThirdParty(context, name, line, report);
    return;
  }
  if (target === pkg) {
    report(line, 'own name', `inside a package imports are relative, not ${specifier}`);
    return;
  }
  if (pkg.kind === 'component' && target.kind === 'component') {
    report(line, 'components', `components never import each other: ${specifier}`);
  } else if (
    !MAY_IMPORT[pkg.kind].includes(target.kind) &&
    !(isTest && target.kind === 'testkit')
  ) {
    report(
      line,
      'layers',
      `${pkg.folder} may not import ${target.folder}: imports go downwards only`,
    );
  }
  if (inCore(pkg, file) && target.kind === 'platform' && !isTest) {
    report(line, 'core', `core never imports platform: ${specifier}`);
  }
  if (!isExported(target.manifest, specifier.slice(name.length + 1))) {
    report(line, 'deep', `${specifier} is not in the exports of ${target.name}`);
  }
}

function inCore(pkg, file) {
  return pkg.kind === 'component' && file.startsWith(`${pkg.folder}/src/core/`);
}

function checkRelative(context, specifier, line, typeOnly, report, targets) {
  const { root, pkg, path, file, isTest } = context;
  const clean = specifier.split('?')[0];
  const target = resolve(dirname(path), clean);
  // Tests and benchmarks also try the scripts, which are no package.
  if (isTest && target.startsWith(join(root, 'scripts') + sep) && existsSync(target)) return;
  if (!target.startsWith(join(root, pkg.folder) + sep)) {
    report(line, 'deep', `${specifier} leaves the package: import it by its name`);
    return;
  }
  if (!existsSync(target) || !statSync(target).isFile()) {
    // Built files (a worker beside its bundle) have no extension rule; source files do.
    report(line, 'extension', `${specifier} names no file; write the extension`);
    return;
  }
  const inner = relative(join(root, pkg.folder), target).split(sep).join('/');
  if (inCore(pkg, file) && !isTest && !inner.startsWith('src/core/')) {
    const isOwnRoot = /^src\/[\w-]+\.ts$/.test(inner) && !/\/(?:index|worker)\.ts$/.test(inner);
    if (!isOwnRoot) report(line, 'core', `core never imports ${inner}`);
  }
  if (pkg.kind === 'protocols') {
    const from = relative(join(root, pkg.folder), path).split(sep).slice(0, 2).join('/');
    const to = inner.split('/').slice(0, 2).join('/');
    if (from !== to && !inner.endsWith('/index.ts') && !isTest) {
      report(line, 'deep', `${specifier} reaches into another protocol; import its index.ts`);
    }
  }
  if (!typeOnly && SOURCE.test(target)) targets.push(target);
}

function isExported(manifest, subpath) {
  const key = subpath === '' ? '.' : `./${subpath}`;
  return Object.keys(manifest.exports ?? {}).some((pattern) => {
    if (!pattern.includes('*')) return pattern === key;
    const [before, after] = pattern.split('*');
    const middle = key.slice(before.length, key.length - after.length);
    return key.startsWith(before) && key.endsWith(after) && middle !== '' && !middle.includes('/');
  });
}

function checkThirdParty({ pkg, packages, rootManifest, isTest }, name, line, report) {
  const own = { ...pkg.manifest.dependencies, ...pkg.manifest.peerDependencies };
  if (name in own) return;
  const isTooling = isTest || pkg.kind === 'test' || pkg.kind === 'testkit';
  const below = packages.filter(({ kind }) => MAY_IMPORT[pkg.kind].includes(kind));
  const development = {
    ...pkg.manifest.devDependencies,
    ...rootManifest.devDependencies,
    ...Object.assign({}, ...below.map(({ manifest }) => manifest.dependencies)),
  };
  if (isTooling && name in development) return;
  if (name.startsWith('virtual:') || (name in development && name.startsWith('@types/'))) return;
  report(line, 'undeclared', `${name} is not in the dependencies of ${pkg.folder}/package.json`);
}

/** One cycle for each file from which a walk comes back to a file on its own path. */
function findCycles(graph) {
  const cycles = [];
  const state = new Map();
  const path = [];
  const visit = (node) => {
    state.set(node, 'open');
    path.push(node);
    for (const next of graph.get(node) ?? []) {
      const seen = state.get(next);
      if (seen === 'open') cycles.push([...path.slice(path.indexOf(next)), next]);
      else if (seen === undefined) visit(next);
    }
    path.pop();
    state.set(node, 'done');
  };
  for (const node of graph.keys()) if (!state.has(node)) visit(node);
  return cycles;
}

/** The kinds of file a run over this project must have seen; an empty count means the check is blind. */
export function blindSpots(counts) {
  return Object.entries(counts)
    .filter(([, count]) => count === 0)
    .map(([name]) => name);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..'));
  const { problems, counts } = checkImports(root);
  for (const { file, line, rule, message } of problems)
    console.error(`${file}:${line} [${rule}] ${message}`);
  const blind = blindSpots(counts);
  if (blind.length > 0) console.error(`import rules: nothing checked of ${blind.join(', ')}`);
  const seen = Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
  console.log(`import rules: ${problems.length} problems (${seen})`);
  process.exit(problems.length > 0 || blind.length > 0 ? 1 : 0);
}
