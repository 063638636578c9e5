import { expect, test } from 'vitest';
import { LockOut } from './lock-out.ts';

const OPTIONS = { perAccountAndAddress: 3, perAccount: 6, perAddress: 8, windowMs: 60_000 };

test('too many failures lock one account for one address, for a time', () => {
  const lock = new LockOut(OPTIONS);
  expect([0, 1, 2].map((ms) => lock.failed('ada', 'a', ms))).toEqual([false, false, true]);
  expect(lock.lockedMs('ada', 'a', 1_002)).toBe(59_000);
  expect(lock.lockedMs('ada', 'b', 1_002)).toBe(0);
  expect(lock.lockedMs('ben', 'a', 1_002)).toBe(0);
  expect(lock.lockedMs('ada', 'a', 60_002)).toBe(0);
  expect(lock.failed('ada', 'a', 60_003)).toBe(false);
});

test('an account is locked for all when many addresses guess, and an address for all accounts', () => {
  const lock = new LockOut(OPTIONS);
  for (const address of ['a', 'b', 'c', 'd', 'e', 'f']) lock.failed('ada', address, 0);
  expect(lock.lockedMs('ada', 'new', 1)).toBeGreaterThan(0);
  for (let i = 0; i < 8; i++) lock.failed(`name${i}`, 'z', 0);
  expect(lock.lockedMs('ben', 'z', 1)).toBeGreaterThan(0);
});

test('a log-in forgives its own account at its own address only', () => {
  const lock = new LockOut(OPTIONS);
  for (let i = 0; i < 7; i++) {
    lock.failed(`victim${i}`, 'z', 0);
    lock.succeeded('eve', 'z');
  }
  lock.failed('victim', 'z', 0);
  expect(lock.lockedMs('eve', 'z', 1)).toBeGreaterThan(0);
  lock.failed('ada', 'a', 0);
  lock.failed('ada', 'a', 0);
  lock.succeeded('ada', 'a');
  expect(lock.failed('ada', 'a', 1)).toBe(false);
});

test('behind a proxy addresses mean nothing', () => {
  const lock = new LockOut({ ...OPTIONS, perAddress: 0 });
  for (let i = 0; i < 100; i++) lock.failed(`name${i}`, 'proxy', 0);
  expect(lock.lockedMs('ada', 'proxy', 1)).toBe(0);
});
