import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { blindSpots, checkImports } from './check-imports.mjs';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A small project that obeys every rule. */
const GOOD: Readonly<Record<string, string>> = {
  'base/src/index.ts': "export { now } from './now.ts';",
  'base/src/now.ts': 'export const now = 1;',
  'protocols/src/xml/index.ts': "import { now } from '@conclave/base';\nexport const xml = now;",
  'protocols/src/xmpp/index.ts': "export { xml } from '../xml/index.ts';",
  'platform/src/net/index.ts': "import net from 'node:net';\nexport const listen = net;",
  'components/focus/src/core/room.ts': "import { xml } from '@conclave/protocols/xml';\nxml;",
  'components/focus/src/shell/run.ts':
    "import '../core/room.ts';\nimport '@conclave/platform/net';\nimport 'node:os';\nDate.now();",
  'components/focus/src/index.ts': "export * from './shell/run.ts';",
  'components/bridge/src/index.ts': "import 'declared';",
  'clients/web/src/index.ts': "import '@conclave/base';",
  'server/src/main.ts': "import '@conclave/focus';",
};

const PACKAGES: Readonly<Record<string, string>> = {
  base: 'base',
  protocols: 'protocols',
  platform: 'platform',
  'components/focus': 'focus',
  'components/bridge': 'bridge',
  'clients/web': 'web',
  server: 'server',
};

function project(changes: Readonly<Record<string, string>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'import-rules-'));
  folders.push(root);
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  const workspaces = ['base', 'protocols', 'platform', 'components/*', 'clients/*', 'server'];
  write('package.json', JSON.stringify({ workspaces }));
  for (const [folder, name] of Object.entries(PACKAGES)) {
    const isSubpath = folder === 'protocols' || folder === 'platform';
    const exports = isSubpath ? { './*': './src/*/index.ts' } : { '.': './src/index.ts' };
    const manifest = { name: `@conclave/${name}`, exports, dependencies: { declared: '1.0.0' } };
    write(`${folder}/package.json`, JSON.stringify(manifest));
  }
  for (const [file, text] of Object.entries({ ...GOOD, ...changes })) write(file, text);
  return root;
}

test('a project that obeys the rules passes, and everything was looked at', () => {
  const { problems, counts } = checkImports(project());
  expect(problems).toEqual([]);
  expect(blindSpots(counts)).toEqual([]);
  expect(counts.files).toBe(Object.keys(GOOD).length);
});

describe('a planted violation is found', () => {
  test.each<[string, string, string, string]>([
    ['upwards', 'layers', 'base/src/now.ts', "import '@conclave/protocols/xml';"],
    [
      'upwards, type only',
      'layers',
      'base/src/now.ts',
      "import type { X } from '@conclave/focus';",
    ],
    [
      'upwards, late',
      'layers',
      'protocols/src/xml/index.ts',
      "await import('@conclave/platform/net');",
    ],
    [
      'client to platform',
      'layers',
      'clients/web/src/index.ts',
      "import '@conclave/platform/net';",
    ],
    [
      'component to component',
      'components',
      'components/bridge/src/index.ts',
      "import '@conclave/focus';",
    ],
    ['core to shell', 'core', 'components/focus/src/core/room.ts', "import '../shell/run.ts';"],
    ['core to index', 'core', 'components/focus/src/core/room.ts', "import '../index.ts';"],
    [
      'core to platform',
      'core',
      'components/focus/src/core/room.ts',
      "import '@conclave/platform/net';",
    ],
    ['core to node', 'core', 'components/focus/src/core/room.ts', "import 'node:fs';"],
    [
      'core reads the clock',
      'pure',
      'components/focus/src/core/room.ts',
      'export const t = Date.now();',
    ],
    [
      'core starts a timer',
      'pure',
      'components/focus/src/core/room.ts',
      'setTimeout(() => {}, 1);',
    ],
    [
      'core rolls dice',
      'pure',
      'components/focus/src/core/room.ts',
      'export const r = Math.random();',
    ],
    ['core prints', 'pure', 'components/focus/src/core/room.ts', "console.log('x');"],
    [
      'protocol reads the clock',
      'pure',
      'protocols/src/xml/index.ts',
      'export const t = Date.now();',
    ],
    ['protocol uses node', 'node', 'protocols/src/xml/index.ts', "import 'node:crypto';"],
    ['client uses node', 'node', 'clients/web/src/index.ts', "import 'node:fs';"],
    ['builtin without node:', 'node', 'platform/src/net/index.ts', "import 'fs';"],
    ['not exported', 'deep', 'server/src/main.ts', "import '@conclave/focus/src/core/room.ts';"],
    ['two levels down', 'deep', 'server/src/main.ts', "import '@conclave/protocols/xml/parse.ts';"],
    ['by path', 'deep', 'server/src/main.ts', "import '../../base/src/now.ts';"],
    ['into another protocol', 'deep', 'protocols/src/xmpp/index.ts', "import '../xml/parse.ts';"],
    ['own name', 'own name', 'components/focus/src/index.ts', "import '@conclave/focus';"],
    ['no extension', 'extension', 'base/src/index.ts', "import './now';"],
    ['not installed here', 'undeclared', 'server/src/main.ts', "import 'left-pad';"],
  ])('%s [%s]', (_name, rule, file, text) => {
    const { problems } = checkImports(project({ 'protocols/src/xml/parse.ts': '', [file]: text }));
    expect(problems.map((p) => p.rule)).toContain(rule);
    expect(problems.find((p) => p.rule === rule)).toMatchObject({ file, line: 1 });
  });
});

test('tests may use Node, the clock and the testkit', () => {
  const file = 'protocols/src/xml/xml.test.ts';
  const { problems } = checkImports(project({ [file]: "import 'node:fs';\nDate.now();" }));
  expect(problems).toEqual([]);
});

test('a test may try a script', () => {
  const { problems } = checkImports(
    project({ 'scripts/x.mjs': '', 'server/src/x.test.ts': "import '../../scripts/x.mjs';" }),
  );
  expect(problems).toEqual([]);
});

test('a cycle is found', () => {
  const { problems } = checkImports(project({ 'base/src/now.ts': "import './index.ts';" }));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({
    rule: 'cycle',
    message: 'base/src/index.ts -> base/src/now.ts -> base/src/index.ts',
  });
});

test('a cycle of types alone is no cycle at run time', () => {
  const { problems } = checkImports(
    project({ 'base/src/now.ts': "import type { X } from './index.ts';" }),
  );
  expect(problems).toEqual([]);
});

test('checking nothing is noticed', () => {
  expect(blindSpots({ files: 3, coreFiles: 0 })).toEqual(['coreFiles']);
});

test('the script fails on a violation', async () => {
  const { spawnSync } = await import('node:child_process');
  const script = fileURLToPath(new URL('check-imports.mjs', import.meta.url));
  const run = (root: string) => spawnSync(process.execPath, [script, root]).status;
  expect(run(project())).toBe(0);
  expect(run(project({ 'base/src/now.ts': "import 'node:fs';" }))).toBe(1);
});
