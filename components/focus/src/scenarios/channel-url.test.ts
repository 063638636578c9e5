/** Where each client is told to open its bridge channel. */
import { expect, test } from 'vitest';
import { ConferenceHarness } from './conference-harness.ts';

test('each client is told the address by which it reaches the server itself', () => {
  const harness = new ConferenceHarness({
    channelUrl: (url, realJid) => url.replace('meet.jitsi', `${realJid.node}.example`),
  });
  const a = harness.join('aaaa1111');
  const b = harness.join('bbbb2222');
  for (const { offer } of [a, b]) {
    const urls = offer.contents.map(({ transport }) => transport?.webSocketUrl);
    // In every content the same, as all are bundled.
    expect(new Set(urls).size).toBe(1);
  }
  const [urlOfA, urlOfB] = [a, b].map(({ offer }) => offer.contents[0]?.transport?.webSocketUrl);
  expect(urlOfA).toMatch(/^wss:\/\/[\w-]+\.example\/colibri-ws\/b1\/m\/aaaa1111/);
  expect(urlOfA?.split('/')[2]).not.toBe(urlOfB?.split('/')[2]);
});
