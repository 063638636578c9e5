/**
 * npm test [-- SUITE...]: prerequisites, build, checks, then every suite one after the other.
 * The last line is `N passed, N failed` over everything that ran (and `, N skipped` when tests were
 * skipped). Fails when a test failed or when a suite ran no test.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const output = join(root, 'test-output');

/** In the order of running; the limit ends a suite that hangs, and is far above what a slow machine takes. Projects of vitest, or a script that passes vitest what it is given. */
const SUITES = [
  { name: 'unit', limitMs: 10 * 60_000 },
  { name: 'fuzz', limitMs: 15 * 60_000 },
  { name: 'sanitize', limitMs: 10 * 60_000, script: 'scripts/sanitize.mjs' },
  { name: 'integration', limitMs: 12 * 60_000 },
  { name: 'e2e', limitMs: 25 * 60_000 },
];

/** What the suites need from the system: how to see that it is there, and Debian's package for it. */
const PREREQUISITES = [
  { name: 'C compiler', isThere: () => onPath('cc'), packages: ['gcc', 'libc6-dev'] },
  {
    name: 'OpenLDAP server',
    isThere: () => existsSync('/usr/sbin/slapd') || onPath('slapd'),
    packages: ['slapd'],
  },
  { name: 'OpenSSL program', isThere: () => onPath('openssl'), packages: ['openssl'] },
  ...(process.getuid?.() === 0
    ? [
        {
          name: 'network namespaces, shaping and loss',
          isThere: () => onPath('ip') && onPath('tc') && onPath('iptables'),
          packages: ['iproute2', 'iptables'],
        },
        {
          name: 'aiortc',
          isThere: () => existsSync('/usr/lib/python3/dist-packages/aiortc'),
          packages: ['python3-aiortc'],
        },
      ]
    : []), // tests of adaptation, and with aiortc, are skipped without them
  {
    name: 'slixmpp',
    isThere: () => existsSync('/usr/lib/python3/dist-packages/slixmpp'),
    packages: ['python3-slixmpp'],
  },
  { name: 'Chromium', isThere: () => onPath('chromium'), packages: ['chromium'] },
  { name: 'Firefox', isThere: () => onPath('firefox-esr'), packages: ['firefox-esr'] },
];

/** Marks every process of this run, whoever started it, so that none outlives it. */
const RUN_MARK = `CONCLAVE_TEST_RUN=${randomUUID()}`;
process.env.CONCLAVE_TEST_RUN = RUN_MARK.split('=')[1];

const wanted = process.argv.slice(2);
const unknown = wanted.filter(
  (name) => name !== 'check' && !SUITES.some((suite) => suite.name === name),
);
if (unknown.length > 0) {
  console.error(
    `no suite ${unknown.join(', ')}; there are: check, ${SUITES.map((s) => s.name).join(', ')}`,
  );
  process.exit(2);
}
const isWanted = (name) => wanted.length === 0 || wanted.includes(name);

const total = { passed: 0, failed: 0, skipped: 0 };
const lines = [];
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    killLeftovers();
    process.exit(1);
  });
}

rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
if (
  installPrerequisites() &&
  (await step('build', process.execPath, ['scripts/build.mjs'], 10 * 60_000))
) {
  if (isWanted('check')) {
    const ok = await step('check', process.execPath, ['scripts/check.mjs'], 5 * 60_000);
    record('check', { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 }, []);
  }
  for (const suite of SUITES) if (isWanted(suite.name)) await runSuite(suite);
} else {
  record('build', { passed: 0, failed: 1, skipped: 0 }, []);
}
killLeftovers();
console.log(`\n${lines.join('\n')}\n`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 ? 1 : 0;

function onPath(command) {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, command)));
}

/** Installs what lacks when allowed to; otherwise says what to install. False when something lacks. */
function installPrerequisites() {
  const lacking = PREREQUISITES.filter((prerequisite) => !prerequisite.isThere());
  if (lacking.length === 0) return true;
  const names = lacking.map((prerequisite) => prerequisite.name).join(' and ');
  const packages = lacking.flatMap((prerequisite) => prerequisite.packages);
  if (process.getuid?.() === 0 && onPath('apt-get')) {
    console.log(`installing ${names} (${packages.join(' ')})`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const options = { stdio: ['ignore', 'inherit', 'inherit'], env };
    spawnSync('apt-get', ['update', '-q'], options);
    spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], options);
  }
  const still = PREREQUISITES.filter((prerequisite) => !prerequisite.isThere());
  for (const { name, packages: needed } of still) {
    console.error(`${name} is not installed: apt-get install ${needed.join(' ')}`);
  }
  return still.length === 0;
}

/** Runs one command to its end or its limit; true when it exited with 0. */
async function step(name, command, args, limitMs) {
  const startedMs = performance.now();
  console.log(`\n=== ${name}`);
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    console.error(`${name}: still running after ${limitMs / 1000} s, ended`);
    killGroup(child.pid);
  }, limitMs);
  const code = await new Promise((resolve) => {
    child.on('exit', (status, signal) => {
      if (signal !== null) console.error(`${name}: ended by ${signal}`);
      resolve(status ?? 1);
    });
    child.on('error', (error) => {
      console.error(`${name}: ${error.message}`);
      resolve(1);
    });
  });
  clearTimeout(timer);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`=== ${name}: ${code === 0 && !timedOut ? 'ok' : 'FAILED'} (${seconds} s)`);
  return code === 0 && !timedOut;
}

async function runSuite({ name, limitMs, script }) {
  const report = join(output, `${name}.json`);
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const program = script === undefined ? [vitest, 'run', '--project', name] : [script];
  const ok = await step(name, process.execPath, [...program, ...reporters], limitMs);
  killLeftovers();
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const notes = [];
  if (existsSync(report)) readReport(report, counts, notes);
  if (!ok && counts.failed === 0) {
    counts.failed++;
    notes.push('the run itself failed');
  }
  if (counts.passed + counts.failed === 0) {
    counts.failed++;
    notes.push('ran no test');
  }
  record(name, counts, notes);
}

function readReport(report, counts, notes) {
  for (const file of JSON.parse(readFileSync(report, 'utf8')).testResults) {
    for (const result of file.assertionResults) {
      if (result.status === 'passed') {
        counts.passed++;
        const [first] = result.failureMessages ?? [];
        if (first !== undefined)
          notes.push(`at the second try: ${result.fullName}: ${headOf(first)}`);
      } else if (result.status === 'failed') {
        counts.failed++;
        notes.push(`failed: ${result.fullName}`);
      } else {
        counts.skipped++;
        notes.push(`${result.status}: ${result.fullName}`);
      }
    }
    // A file that did not load has no results of its own.
    if (file.status === 'failed' && !file.assertionResults.some((r) => r.status === 'failed')) {
      counts.failed++;
      notes.push(`failed: ${file.name.replace(`${root}/`, '')} (outside its tests)`);
    }
  }
}

function headOf(message) {
  return (message.split('\n', 1)[0] ?? '').slice(0, 200);
}

function record(name, counts, notes) {
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  const skippedCount = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
  lines.push(`${name}: passed ${counts.passed}, failed ${counts.failed}${skippedCount}`);
  for (const note of notes) lines.push(`  ${note}`);
}

function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Ends every process that inherited this run's mark: servers and browsers that a test left behind. */
function killLeftovers() {
  if (!existsSync('/proc/self/environ')) return;
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      if (!readFileSync(`/proc/${entry}/environ`, 'latin1').includes(RUN_MARK)) continue;
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone meanwhile, or not ours to look at.
    }
  }
}
