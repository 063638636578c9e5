import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StateFolder } from './state-folder.ts';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'conclave-storage-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const mode = (path: string) => statSync(path).mode & 0o777;

describe('StateFolder', () => {
  test('makes missing folders private', () => {
    const folder = new StateFolder(join(base, 'a', 'b'));
    expect(mode(folder.path)).toBe(0o700);
  });

  test('closes a folder that others could read', () => {
    mkdirSync(join(base, 'open'), { mode: 0o755 });
    expect(mode(new StateFolder(join(base, 'open')).path)).toBe(0o700);
  });

  test('writes files that only the user can read, in folders of the same kind', () => {
    const folder = new StateFolder(join(base, 'state'));
    folder.writeText('keys/secret', 'x');
    expect(mode(folder.pathOf('keys/secret'))).toBe(0o600);
    expect(mode(folder.pathOf('keys'))).toBe(0o700);
  });

  test('replaces a file and leaves no temporary one', () => {
    const folder = new StateFolder(base);
    folder.writeText('file', 'old');
    folder.writeText('file', 'new');
    expect(folder.readText('file')).toBe('new');
    expect(readdirSync(base)).toEqual(['file']);
  });

  test('survives a temporary file of an earlier crash', () => {
    const folder = new StateFolder(base);
    writeFileSync(join(base, 'file.new'), 'half');
    folder.writeText('file', 'whole');
    expect(folder.readText('file')).toBe('whole');
  });

  test('says undefined for a missing file', () => {
    expect(new StateFolder(base).readText('nothing')).toBeUndefined();
  });

  test('explains a path that runs through a file', () => {
    writeFileSync(join(base, 'file'), '');
    expect(() => new StateFolder(join(base, 'file', 'state'))).toThrow(
      /cannot use the folder .* a part of the path is a file/,
    );
  });

  test('explains an unreadable file', () => {
    mkdirSync(join(base, 'folder'));
    expect(() => new StateFolder(base).readText('folder')).toThrow(/cannot read .*it is a folder/);
  });
});
