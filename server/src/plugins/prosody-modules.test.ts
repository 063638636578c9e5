import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { equivalentOf, prosodyModulesPage } from './prosody-modules.ts';

test('a module is known with and without its prefix', () => {
  expect(equivalentOf('mod_muc_flip')).toBe(equivalentOf('muc_flip'));
  expect(equivalentOf('muc_flip')).toMatch(/built in/);
  expect(equivalentOf('constructor')).toBeUndefined();
});

test('docs/prosody-modules.md is that of this server (write it anew: server/src/plugins/write-docs.ts)', () => {
  const file = new URL('../../../docs/prosody-modules.md', import.meta.url);
  expect(readFileSync(file, 'utf8')).toBe(prosodyModulesPage());
});
