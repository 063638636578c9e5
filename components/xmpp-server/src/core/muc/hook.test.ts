import { expect, test } from 'vitest';
import { Hook } from './hook.ts';

test('handlers run by priority, equal ones in order of registration', () => {
  const hook = new Hook<string[]>();
  expect(hook.isEmpty).toBe(true);
  const note = (name: string) => (event: string[]) => {
    event.push(name);
    return undefined;
  };
  hook.add(20, note('c'));
  hook.add(10, note('a'));
  hook.add(10, note('b'));
  const event: string[] = [];
  hook.run(event);
  expect(event).toEqual(['a', 'b', 'c']);
  expect(hook.isEmpty).toBe(false);
});

test('the first answer decides; the rest is not asked', () => {
  const hook = new Hook<number, string>();
  hook.add(1, (event) => (event > 5 ? 'big' : undefined));
  hook.add(2, () => 'small');
  hook.add(3, () => {
    throw new Error('asked');
  });
  expect([hook.run(9), hook.run(1)]).toEqual(['big', 'small']);
});
