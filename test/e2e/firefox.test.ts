/** Our client in Firefox, in one room with our client in Chromium and an unmodified Jitsi client. */
import { waitUntil } from '@conclave/testkit';
import { afterEach, test } from 'vitest';
import type { RemoteParticipant } from './call-client.ts';
import { expectSeesAndHears } from './expect-call.ts';
import { FirefoxClient } from './firefox/firefox-client.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { useStage } from './stage.ts';
import { WebClient } from './web-client.ts';

const stage = useStage();
let fox: FirefoxClient | undefined;
afterEach(async () => {
  await fox?.close();
  fox = undefined;
});

test('everybody sees and hears everybody, and the chat is read', async () => {
  const chromium = await WebClient.open(stage.browser, stage.server.url, { number: 1 });
  const jitsi = await LjmClient.open(stage.browser, stage.ljmSite, {
    number: 3,
    config: { p2p: { enabled: false } },
  });
  fox = await FirefoxClient.open(stage.server.url, 2);
  const firefox = fox;
  await chromium.join('den');
  await firefox.join('den');
  await jitsi.join('den');
  await expectSeesAndHears(chromium, [2, 3]);
  await expectSeesAndHears(jitsi, [1, 2]);
  let remote: RemoteParticipant[] = [];
  const sees = async () => {
    remote = await firefox.readRemote();
    return [1, 3].every((number) =>
      remote.some(({ pictures }) => pictures.length === 1 && pictures[0]?.number === number),
    );
  };
  await waitUntil('Firefox to see', sees, { timeoutMs: 20_000 }).catch((cause) => {
    throw new Error(`Firefox sees ${JSON.stringify(remote)}`, { cause });
  });
  await waitUntil('Firefox to hear', async () => {
    return (await firefox.readLevels()).filter((level) => level > 0.01).length === 2;
  });
  // It sends its camera in layers: who wants little gets a small one.
  await waitUntil('layers from Firefox', async () => (await firefox.readSentHeights()).length > 1);
  await chromium.chooseFromMenu('Settings');
  const quality = chromium.participant.page.getByLabel('Pictures of the others');
  await quality.selectOption('Low: saves data and battery');
  await waitUntil('small pictures of both', async () => {
    const stats = await chromium.participant.page.evaluate(() => window.conclave?.stats());
    const pictures = stats?.inbound.filter(({ kind }) => kind === 'video') ?? [];
    return pictures.length === 2 && pictures.every(({ frameHeight }) => frameHeight === 180);
  });
  await chromium.press('Done');
  await expectSeesAndHears(chromium, [2, 3]);
  await firefox.press('Share screen');
  await firefox.sees('without sound: this browser cannot share it');
  await firefox.press('Share screen');
  await firefox.sendChat('hello from the den');
  await waitUntil('the message', async () => {
    return (await chromium.chatTexts()).includes('hello from the den');
  });
});
