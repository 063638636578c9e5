/** Several pictures of one person: a Jitsi client shows its screen, beside its camera if its library can, else instead of it. */
import { waitUntil } from '@conclave/testkit';
import { test } from 'vitest';
import { expectFullCall, expectSeesAndHears } from './expect-call.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { useStage } from './stage.ts';
import { WebClient } from './web-client.ts';

const stage = useStage();

test("a Jitsi client's screen", async () => {
  const ours = await WebClient.open(stage.browser, stage.server.url, { number: 1 });
  const [presenter, viewer] = await Promise.all(
    [2, 3].map((number) =>
      LjmClient.open(stage.browser, stage.ljmSite, { number, config: { p2p: { enabled: false } } }),
    ),
  );
  if (presenter === undefined || viewer === undefined) throw new Error('nobody came');
  const clients = [ours, presenter, viewer];
  for (const client of clients) await client.join('jitsi-screen');
  await expectFullCall(clients);

  const viewerSees = async () => {
    const of = (await viewer.readRemote()).find(({ id }) => id === presenter.id);
    return of?.pictures.map(({ number }) => number) ?? [];
  };
  for (const round of ['first', 'again']) {
    const { page } = presenter.participant;
    const isBesideCamera = await page.evaluate(() => window.call.shareScreen());
    await waitUntil(`the screen at our client, ${round}`, async () => {
      return (await ours.readScreens()).includes(102);
    });
    await waitUntil(`the screen at Jitsi's client, ${round}`, async () => {
      return (await viewerSees()).includes(102);
    });
    if (isBesideCamera) await expectSeesAndHears(ours, [2, 3]);
    await page.evaluate(() => window.call.stopScreen());
    await waitUntil('no screen at our client', async () => {
      return (await ours.readScreens()).length === 0;
    });
    await waitUntil("the camera at Jitsi's client", async () => (await viewerSees()).includes(2));
    await expectSeesAndHears(ours, [2, 3]);
  }
});
