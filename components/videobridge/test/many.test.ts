/** Story: many who come within a second. */
import { expect, test } from 'vitest';
import { TestBridge } from './test-bridge.ts';

const MANY = 90;
/** In a large conference it is done once for several who come. */
const SOON_MS = 2000;

test('in a large conference everybody soon gets the videos of those who came and went last', () => {
  const bridge = new TestBridge();
  const watcher = bridge.join('watcher');
  watcher.want({ lastN: 1, selectedSources: [`m${MANY - 1}-v0`] });
  const others = Array.from({ length: MANY }, (_, i) => bridge.join(`m${i}`));
  const last = others.at(-1)!;
  for (const endpoint of others) endpoint.want({ lastN: 1, selectedSources: ['m0-v0'] });
  bridge.advance(SOON_MS);
  expect(watcher.heard('ForwardedSources').at(-1)).toMatchObject({
    forwardedSources: [`m${MANY - 1}-v0`],
  });
  expect(last.heard('ForwardedSources').at(-1)).toMatchObject({ forwardedSources: ['m0-v0'] });

  // The one who is watched goes: somebody else is shown, soon.
  bridge.colibri({ endpoints: [{ id: last.id, expire: true }] });
  bridge.advance(SOON_MS);
  expect(watcher.heard('ForwardedSources').at(-1)).toMatchObject({ forwardedSources: ['m0-v0'] });
});

test('layers are chosen for some of them at a time, so that packets are not held up', () => {
  const bridge = new TestBridge();
  const all = Array.from({ length: 180 }, (_, i) => bridge.join(`m${i}`));
  const [watched, next, ...others] = all;
  for (const endpoint of others) endpoint.want({ lastN: 1 });
  bridge.advance(SOON_MS);
  const showing = (name: string) =>
    others.filter((endpoint) => {
      const told = endpoint.heard('ForwardedSources').at(-1)?.forwardedSources;
      return told?.[0] === name;
    }).length;
  expect(showing('m0-v0')).toBe(others.length);
  bridge.colibri({ endpoints: [{ id: watched!.id, expire: true }] });
  const atOnce = showing('m1-v0');
  expect(atOnce).toBeGreaterThan(0);
  expect(atOnce).toBeLessThan(100);
  bridge.advance(20);
  expect(showing('m1-v0')).toBeGreaterThan(atOnce);
  // Whoever goes meanwhile is in nobody's way.
  bridge.colibri({ endpoints: [{ id: others.at(-1)!.id, expire: true }] });
  others.pop();
  bridge.advance(SOON_MS);
  expect(showing('m1-v0')).toBe(others.length);
  expect(next!.heard('ForwardedSources')).toEqual([]);
});
