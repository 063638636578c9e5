import { pbkdf2Sync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { afterAll, expect, test } from 'vitest';
import { DerivationWorker } from './derivation-worker.ts';

const worker = new DerivationWorker();
afterAll(() => worker.close());

const request = (password: string, salt = new Uint8Array([1, 2])) =>
  ({ digest: 'sha256', password, salt, iterations: 10, length: 32 }) as const;

test('derives what RFC 8018 says, in a thread that gives way to the others', async () => {
  const key = await worker.derive(request('pässword'));
  expect(Buffer.from(key)).toEqual(pbkdf2Sync('pässword', Buffer.from([1, 2]), 10, 32, 'sha256'));
  // proc(5): the niceness is the nineteenth field; the name before may hold anything.
  const nicenesses = readdirSync('/proc/self/task').map((id) => {
    const stat = readFileSync(`/proc/self/task/${id}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });
  const ours = getPriority();
  expect(Math.min(...nicenesses)).toBe(ours);
  expect(Math.max(...nicenesses)).toBe(Math.max(15, ours));
});

test('a thread that ended is replaced', async () => {
  await worker.close();
  expect(await worker.derive(request('again'))).toHaveLength(32);
});
