import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, silentLogger } from '@conclave/base';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AuditFile } from './audit-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conclave-audit-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function openFile(options: { maxBytes?: number; keep?: number; logger?: Logger } = {}): AuditFile {
  return new AuditFile(options.logger ?? silentLogger, {
    path: join(folder, 'audit.log'),
    maxBytes: options.maxBytes ?? 1e6,
    keep: options.keep ?? 2,
    wallMs: () => Date.UTC(2026, 10, 21, 7, 0, 0, 5),
  });
}

const linesOf = (name = 'audit.log') =>
  readFileSync(join(folder, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>);

test('writes one JSON object a line, with the time, for the owner only', async () => {
  const file = openFile();
  file.record({ event: 'login.refused', address: '192.0.2.1', reason: 'not-authorized' });
  file.record({ event: 'room.kick', actor: 'a\nb', target: 'x'.repeat(2000) });
  await file.close();
  expect(linesOf()).toEqual([
    {
      time: '2026-11-21T07:00:00.005Z',
      event: 'login.refused',
      address: '192.0.2.1',
      reason: 'not-authorized',
    },
    {
      time: '2026-11-21T07:00:00.005Z',
      event: 'room.kick',
      actor: 'a\nb',
      target: 'x'.repeat(512),
    },
  ]);
  expect(statSync(join(folder, 'audit.log')).mode & 0o777).toBe(0o600);
});

test('is continued by the next run', async () => {
  for (const event of ['one', 'two']) {
    const file = openFile();
    file.record({ event });
    await file.close();
  }
  expect(linesOf().map(({ event }) => event)).toEqual(['one', 'two']);
});

test('rotates by size and keeps as many files as wanted', async () => {
  const file = openFile({ maxBytes: 100, keep: 2 });
  for (const value of ['1', '2', '3', '4', '5']) {
    file.record({ event: 'room.kick', value });
    // Lines of one turn are written together, and a file is at least one write.
    await new Promise((resolve) => setImmediate(resolve));
    while (
      !existsSync(join(folder, 'audit.log')) ||
      !readFileSync(join(folder, 'audit.log'), 'utf8').includes(`"${value}"`)
    ) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  await file.close();
  expect(readdirSync(folder).sort()).toEqual(['audit.log', 'audit.log.1', 'audit.log.2']);
  expect(linesOf().map(({ value }) => value)).toEqual(['5']);
  expect(linesOf('audit.log.1').map(({ value }) => value)).toEqual(['4']);
  expect(linesOf('audit.log.2').map(({ value }) => value)).toEqual(['3']);
});

test('goes on in a new file when somebody moved it away', async () => {
  const file = openFile();
  file.record({ event: 'before' });
  await file.close();
  const second = openFile();
  second.record({ event: 'still before' });
  while (linesOf().length < 2) await new Promise((resolve) => setImmediate(resolve));
  renameSync(join(folder, 'audit.log'), join(folder, 'audit.old'));
  second.reopen();
  second.record({ event: 'after' });
  await second.close();
  expect(linesOf('audit.old').map(({ event }) => event)).toEqual(['before', 'still before']);
  expect(linesOf().map(({ event }) => event)).toEqual(['after']);
});

test('a disk that refuses is logged once, and the loss is said in the file', async () => {
  const errors: string[] = [];
  const logger: Logger = { ...silentLogger, error: (event) => errors.push(event) };
  rmSync(folder, { recursive: true });
  const file = openFile({ logger });
  file.record({ event: 'lost' });
  while (errors.length === 0) await new Promise((resolve) => setImmediate(resolve));
  file.record({ event: 'lost too' });
  await new Promise((resolve) => setImmediate(resolve));
  const { mkdirSync } = await import('node:fs');
  mkdirSync(folder);
  file.record({ event: 'kept' });
  await file.close();
  expect(errors).toEqual(['audit.write.failed']);
  expect(linesOf().map(({ event }) => event)).toContain('kept');
  expect(linesOf().map(({ event }) => event)).toContain('audit.dropped');
});

test('what a dying process had not written is written at once', () => {
  const file = openFile();
  file.record({ event: 'last words' });
  file.flushNow();
  expect(linesOf().map(({ event }) => event)).toEqual(['last words']);
});
