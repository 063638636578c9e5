import { describe, expect, test } from 'vitest';
import {
  codesIn,
  documentedCodes,
  forbiddenIn,
  missingFromLock,
  pathsIn,
  undocumentedDependencies,
} from './check-docs.mjs';

test('paths in backticks with a slash and an extension are checked', () => {
  const markdown =
    'See `server/src/main.ts`, `a/b/c.mjs:12`, `base/`, `plain.ts`, `a/*.ts`, server/x.ts';
  expect(pathsIn(markdown)).toEqual(['server/src/main.ts', 'a/b/c.mjs']);
});

test('codes of tables, lists and headings count as explained', () => {
  const markdown = '| `MUC_FULL` | x `NOT_THIS` |\n- `A_B`: x\n### `C_D`\nsome `E_F` in text';
  expect(documentedCodes(markdown)).toEqual(['MUC_FULL', 'A_B', 'C_D']);
});

describe('codesIn', () => {
  test.each([
    ["throw new ConclaveError('NET_PORT_IN_USE', 'x');", ['NET_PORT_IN_USE']],
    ["super(\n  'NET_PORT_IN_USE',", ['NET_PORT_IN_USE']],
    ["return { code: 'A_B' };", ['A_B']],
    ["// new ConclaveError('A_B')", []],
    ["process.env['HTTP_PORT']", []],
    ["new Map('A_B')", []],
  ])('%j creates %j', (source, expected) => {
    expect(codesIn(source)).toEqual(expected);
  });
});

describe('forbiddenIn', () => {
  test.each([
    [['', 'work', 'main', 'x'].join('/')],
    [['', 'home', 'somebody', 'x'].join('/')],
    [`https://registry.${'npmjs'}.org/x`],
  ])('finds %j', (text) => {
    expect(forbiddenIn(`first line\n${text}`)).toMatchObject([{ line: 2 }]);
  });

  test.each(['/workspace/x', 'a/home/page', './root', 'example.org'])('lets %j pass', (text) => {
    expect(forbiddenIn(text)).toEqual([]);
  });
});

test('every dependency is looked for, our own packages are not', () => {
  const manifests = [
    { dependencies: { ws: '1', '@conclave/base': '*' } },
    { devDependencies: { vite: '1' } },
  ];
  const own = new Set(['@conclave/base']);
  expect(undocumentedDependencies(manifests, '- `ws`: sockets', own)).toEqual(['vite']);
});

test('an optional package without an entry in the lock file is noticed', () => {
  const packages = {
    'node_modules/a': { optionalDependencies: { 'a-linux': '1', 'a-win32': '1' } },
    'node_modules/a/node_modules/a-linux': {},
  };
  expect(missingFromLock(packages)).toEqual(['a-win32']);
});
