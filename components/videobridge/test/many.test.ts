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
