/** A key server that is flooded, down, or asked for names that it does not have. */
import type { Clock } from '@conclave/base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PublicKeys } from './public-keys.ts';
import { KeyServer } from './testing/key-server.ts';

let nowMs = 1_000;
const clock: Clock = { nowMs: () => nowMs, wallMs: () => 1_790_000_000_000 };

let keyServer: KeyServer;
beforeAll(async () => {
  keyServer = await KeyServer.start();
});
afterAll(() => keyServer.close());

function keys(server?: string, keySet?: string): PublicKeys {
  return new PublicKeys(clock, { keyServer: server, keySet, timeoutMs: 200 });
}

describe('a key server in trouble', () => {
  test('a set is not fetched for each unknown name', async () => {
    keyServer.requests.length = 0;
    const set = keys(undefined, `${keyServer.base}/jwks.json`);
    for (const kid of ['a', 'b', 'c', 'set-enc', 'set-oct']) {
      const answer = await set.find(kid);
      if (kid === 'set-oct') expect(answer.type).not.toBe('key');
      expect(answer.type).not.toBe('unavailable');
    }
    expect(keyServer.requests).toEqual(['/jwks.json']);
  });

  test('a flood of names is cut off, and leaves known keys alone', async () => {
    nowMs += 60_000;
    const source = keys(`${keyServer.base}/asap`);
    expect((await source.find('rsa')).type).toBe('key');
    keyServer.requests.length = 0;
    for (let i = 0; i < 200; i++) await source.find(`flood-${i}`);
    expect(keyServer.requests.length).toBeLessThanOrEqual(32);
    expect(await source.find('flood-199')).toMatchObject({ type: 'unavailable' });
    expect((await source.find('rsa')).type).toBe('key');
  });

  test('down: said so, and tried again soon', async () => {
    const source = keys('http://127.0.0.1:1/asap');
    const answer = await source.find('rsa');
    expect(answer).toMatchObject({ type: 'unavailable' });
  });
});
