import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Database } from './database.ts';

const TABLE = 'CREATE TABLE thing (name TEXT PRIMARY KEY, size INTEGER, bytes BLOB)';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conclave-database-'));
  path = join(folder, 'things.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('keeps rows over a restart, in a file that only the user can read', () => {
  const first = new Database(path, [TABLE]);
  const bytes = new Uint8Array([0, 255]);
  expect(first.run('INSERT INTO thing VALUES (?, ?, ?)', ['a', 1, bytes])).toBe(1);
  first.close();
  const second = new Database(path, [TABLE]);
  expect(second.get('SELECT * FROM thing')).toEqual({ name: 'a', size: 1, bytes });
  expect(second.get('SELECT * FROM thing WHERE name = ?', ["' OR 1=1 --"])).toBeUndefined();
  second.close();
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('each migration runs once; a newer file is refused', () => {
  new Database(path, [TABLE]).close();
  const later = new Database(path, [TABLE, 'ALTER TABLE thing ADD COLUMN colour TEXT']);
  expect(later.all('SELECT colour FROM thing')).toEqual([]);
  later.close();
  expect(() => new Database(path, [TABLE])).toThrow(/newer version of Conclave/);
});

test('a transaction that fails leaves nothing', () => {
  const database = new Database(path, [TABLE]);
  expect(() =>
    database.transaction(() => {
      database.run("INSERT INTO thing (name) VALUES ('a')");
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(database.all('SELECT * FROM thing')).toEqual([]);
  database.close();
});

test('two have the file open, and each sees what the other wrote', () => {
  const one = new Database(path, [TABLE]);
  const other = new Database(path, [TABLE]);
  const before = one.externalVersion;
  other.run("INSERT INTO thing (name) VALUES ('b')");
  expect(one.externalVersion).not.toBe(before);
  expect(one.all('SELECT name FROM thing')).toEqual([{ name: 'b' }]);
  one.run("INSERT INTO thing (name) VALUES ('c')");
  expect(other.all('SELECT name FROM thing')).toHaveLength(2);
  one.close();
  other.close();
});

test('the lock of a process that was killed does not last', () => {
  new Database(path, [TABLE]).close();
  mkdirSync(`${path}.lock`);
  utimesSync(`${path}.lock`, 1, 1);
  const database = new Database(path, [TABLE]);
  expect(database.all('SELECT * FROM thing')).toEqual([]);
  mkdirSync(`${path}.lock`);
  utimesSync(`${path}.lock`, 1, 1);
  expect(database.run("INSERT INTO thing (name) VALUES ('b')")).toBe(1);
  database.close();
});

test('what is no database is explained', () => {
  writeFileSync(path, 'x'.repeat(4096));
  expect(() => new Database(path, [TABLE])).toThrow(/cannot use the database .*not a database/);
  expect(() => new Database(join(folder, 'no', 'x'), [TABLE])).toThrow(/it does not exist/);
});
