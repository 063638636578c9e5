import { expect, test } from 'vitest';
import { Derivations, type Derive } from './derivations.ts';

const REQUEST = {
  digest: 'sha256',
  password: 'x',
  salt: new Uint8Array(1),
  iterations: 1,
  length: 1,
} as const;

/** Each derivation ends when the test says so. */
function held() {
  const running: (() => void)[] = [];
  const derive: Derive = () =>
    new Promise((resolve) => running.push(() => resolve(new Uint8Array([running.length]))));
  return { running, derive };
}
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('one at a time, in order; what is too much is refused at once, of one address sooner', async () => {
  const { running, derive } = held();
  const derivations = new Derivations(derive, { maxWaiting: 3, maxPerAddress: 2 });
  const first = derivations.run(REQUEST, 'a');
  const second = derivations.run(REQUEST, 'a');
  expect(derivations.hasRoomFor('a')).toBe(false);
  expect(await derivations.run(REQUEST, 'a')).toBeUndefined();
  const others = ['b', 'c'].map((address) => derivations.run(REQUEST, address));
  expect(derivations.waiting).toBe(3);
  expect(await derivations.run(REQUEST, 'd')).toBeUndefined();
  for (let i = 0; i < 4; i++) {
    expect(running).toHaveLength(i + 1);
    running[i]?.();
    await turn();
  }
  expect(await Promise.all([first, second, ...others])).toHaveLength(4);
  expect(derivations.hasRoomFor('a')).toBe(true);
  expect(derivations.waiting).toBe(0);
});

test('one that fails lets the next one through', async () => {
  let calls = 0;
  const derivations = new Derivations(async () => {
    if (calls++ === 0) throw new Error('no memory');
    return new Uint8Array([1]);
  });
  const failing = derivations.run(REQUEST, 'a');
  const next = derivations.run(REQUEST, 'a');
  await expect(failing).rejects.toThrow('no memory');
  expect(await next).toEqual(new Uint8Array([1]));
});
