/** Every fuzz target has a corpus beside it, and takes it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

function targetsUnder(directory: string): string[] {
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : targetsUnder(path);
    return entry.name.endsWith('.fuzz.ts') ? [path] : [];
  });
}

const targets = ['base', 'protocols', 'platform', 'components', 'clients', 'server'].flatMap(
  targetsUnder,
);

test.each(targets)('%s begins with its corpus', (target) => {
  expect(readFileSync(join(root, target), 'utf8')).toMatch(
    /\b(?:text|byte)Corpus\(import\.meta\.url\)/,
  );
  const corpus = readFileSync(join(root, target.replace('.fuzz.ts', '.corpus.txt')), 'utf8');
  const inputs = corpus.split('\n').filter((line) => line !== '' && !line.startsWith('# '));
  expect(inputs.length).toBeGreaterThan(9);
  expect(new Set(inputs).size).toBe(inputs.length);
});
