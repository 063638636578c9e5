import { expect, test } from 'vitest';
import { InputQueue } from './input-queue.ts';

const rethrow = (error: unknown) => {
  throw error;
};

test('an input that arrives during another waits for it', () => {
  const queue = new InputQueue();
  const seen: string[] = [];
  queue.push(() => {
    queue.push(() => seen.push('inner'), rethrow);
    seen.push('outer');
  }, rethrow);
  expect(seen).toEqual(['outer', 'inner']);
});

test('a failure ends with its input', () => {
  const queue = new InputQueue();
  const seen: unknown[] = [];
  queue.push(
    () => {
      queue.push(() => seen.push('next'), rethrow);
      throw new Error('bug');
    },
    (error) => seen.push(String(error)),
  );
  expect(seen).toEqual(['Error: bug', 'next']);
});

test('one in the handler of failures surfaces after the others were served', () => {
  const queue = new InputQueue();
  const seen: string[] = [];
  expect(() =>
    queue.push(() => {
      queue.push(() => seen.push('waiting'), rethrow);
      throw new Error('bug');
    }, rethrow),
  ).toThrow('bug');
  queue.push(() => seen.push('later'), rethrow);
  expect(seen).toEqual(['waiting', 'later']);
});
