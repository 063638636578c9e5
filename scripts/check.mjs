// npm run check: format and lint, types, import rules, documents, sizes. Runs all, then fails if any failed.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name) => join(root, 'node_modules', '.bin', name);
const LONG_FILE_LINES = 400;

const steps = [
  ['format and lint', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['types', bin('tsc'), ['-p', '.']],
  ['import rules', process.execPath, ['scripts/check-imports.mjs']],
  ['documents', process.execPath, ['scripts/check-docs.mjs']],
];

let failed = 0;
for (const [name, command, args] of steps) {
  const startedMs = performance.now();
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  if (result.error) console.error(`${name}: ${result.error.message}; run npm ci first`);
  const ok = result.status === 0;
  if (!ok) failed++;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
}
reportLongFiles();
console.log(failed === 0 ? 'check: all good' : `check: ${failed} of ${steps.length} failed`);
process.exit(failed === 0 ? 0 : 1);

/** A file above 400 lines probably hides a seam: said, not failed. */
function reportLongFiles() {
  const list = spawnSync('git', ['ls-files', '*.ts', '*.tsx', '*.mjs', '*.c', '*.h'], {
    cwd: root,
  });
  for (const file of list.stdout
    .toString()
    .split('\n')
    .filter((name) => name !== '')) {
    let lines = 0;
    try {
      lines = readFileSync(join(root, file), 'utf8').split('\n').length - 1;
    } catch {
      continue; // deleted, not yet committed
    }
    if (lines > LONG_FILE_LINES) console.log(`note   ${file} has ${lines} lines: look for a seam`);
  }
}
