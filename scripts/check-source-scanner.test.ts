import { describe, expect, test } from 'vitest';
import { findGlobals, findImports, maskSource } from './check-source-scanner.mjs';

const specifiers = (source: string) => findImports(source).map((i) => i.specifier);

describe('findImports', () => {
  test.each([
    ["import { a } from './a.ts';", ['./a.ts']],
    ['import a from "a";', ['a']],
    ["import 'side-effect';", ['side-effect']],
    ["import * as fs from 'node:fs';", ['node:fs']],
    ["import {\n  a,\n  type B,\n} from './a.ts';", ['./a.ts']],
    ["export { a } from './a.ts';", ['./a.ts']],
    ["export * from './a.ts';", ['./a.ts']],
    ["export type { A } from './a.ts';", ['./a.ts']],
    ["const m = await import('./late.ts');", ['./late.ts']],
    ["type T = import('./types.ts').T;", ['./types.ts']],
    ["import a from 'a';\nimport b from 'b';", ['a', 'b']],
  ])('%j names %j', (source, expected) => {
    expect(specifiers(source)).toEqual(expected);
  });

  test.each([
    ["// import { a } from './a.ts';"],
    ["/* import { a } from './a.ts'; */"],
    ['const s = "import { a } from \'./a.ts\';";'],
    ["const s = `import { a } from './a.ts';`;"],
    ["export const from = 'x';"],
    ["export function f() { return 'x'; }"],
    ["const r = /import x from 'y'/;"],
    ["x.import('y');"],
    ["const important = 'a'; important('b')"],
  ])('%j imports nothing', (source) => {
    expect(specifiers(source)).toEqual([]);
  });

  test('is not confused by what stands before', () => {
    const tricky =
      "const r = /[/'\"`]/g; const t = `a$\u007b`b$\u007b'}'}`}'`;\nimport x from 'seen';";
    expect(findImports(tricky)).toEqual([{ specifier: 'seen', line: 2, typeOnly: false }]);
  });

  test('tells imports of types from imports of values', () => {
    expect(findImports("import type { A } from 'a';")[0]?.typeOnly).toBe(true);
    expect(findImports("import { type A, type B } from 'a';")[0]?.typeOnly).toBe(true);
    expect(findImports("import { type A, b } from 'a';")[0]?.typeOnly).toBe(false);
  });
});

describe('findGlobals', () => {
  test.each([
    ['const now = Date.now();', 1],
    ['setTimeout(f, 1);', 1],
    ['const now = new  Date();', 1],
    ['const text = new Date(wallMs).toISOString();', 0],
    ['const x = Math.random();', 1],
    ['const x = `$\u007bDate.now()}`;', 1],
    ['this.Date = 1; x.setTimeout(); const y = { Date: 1 };', 0],
    ['// Date\nconst s = "Date";', 0],
    ['const myDate = 1; const Dates = 2;', 0],
  ])('%j has %i', (source, count) => {
    expect(
      findGlobals(source, ['Date.now', 'new Date()', 'setTimeout', 'Math.random']),
    ).toHaveLength(count);
  });
});

test('maskSource keeps lengths and lines', () => {
  const source = "a /* x\ny */ 'str' `t$\u007b1 / 2}` // end\nb / c";
  const { code, text } = maskSource(source);
  expect(code).toHaveLength(source.length);
  expect(text).toHaveLength(source.length);
  expect(code.split('\n')).toHaveLength(3);
  expect(code).toContain('1 / 2');
  expect(code).toContain('b / c');
  expect(code).not.toContain('end');
});
