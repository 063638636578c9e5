// npm run bench -- NAME [--json]: runs test/bench/NAME.ts. With --json the last line is one JSON object.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../test/bench/', import.meta.url));
const [name, ...args] = process.argv.slice(2);
const file = `${folder}${name}.ts`;
if (name === undefined || !/^[a-z0-9-]+$/.test(name) || !existsSync(file)) {
  const known = readdirSync(folder)
    .filter((f) => f.endsWith('.ts'))
    .map((f) => f.slice(0, -3));
  console.error(`usage: npm run bench -- NAME [--json]\nbenchmarks: ${known.join(', ')}`);
  process.exit(2);
}
const result = spawnSync(process.execPath, ['--import', 'tsx', file, ...args], {
  stdio: 'inherit',
});
process.exit(result.status ?? 1);
