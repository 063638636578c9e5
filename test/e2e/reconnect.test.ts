/** A client loses its signalling socket and comes back (XEP-0198 §5) before anyone notices. */
import { waitUntil } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { expectFullCall } from './expect-call.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { breakSignalling, watchSignalling } from './signalling-sockets.ts';
import { useStage } from './stage.ts';

const stage = useStage();

test('nothing said meanwhile is lost, and nobody is seen leaving', async () => {
  const config = { p2p: { enabled: false } };
  const open = (number: number) => LjmClient.open(stage.browser, stage.ljmSite, { number, config });
  const [ada, ben] = [await open(1), await open(2)];
  await watchSignalling(ben.participant.page);
  await ben.participant.page.reload();
  for (const client of [ada, ben]) await client.join('resume');
  await expectFullCall([ada, ben]);

  await breakSignalling(ben.participant.page);
  await ada.sendChat('while you were away');
  await waitUntil(
    'what was said meanwhile',
    async () => (await ben.chatTexts()).includes('while you were away'),
    { timeoutMs: 30_000 },
  );
  await ben.sendChat('back again');
  await waitUntil('the answer', async () => (await ada.chatTexts()).includes('back again'));
  expect(await ben.chatTexts()).toEqual(['while you were away']);
  expect(await ada.eventsOf('USER_LEFT')).toEqual([]);
  await expectFullCall([ada, ben]);
});
