/** What makes a call pleasant in our client: who is large, what is asked for, being told that one is not heard. */
import { waitUntil } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { complaints } from './complaints.ts';
import { expectFullCall, expectSeesAndHears } from './expect-call.ts';
import { useStage } from './stage.ts';
import { WebClient } from './web-client.ts';

const stage = useStage();

async function enter(room: string, count: number): Promise<WebClient[]> {
  const clients = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      WebClient.open(stage.browser, stage.server.url, { number: index + 1 }),
    ),
  );
  for (const client of clients) await client.join(room);
  await expectFullCall(clients);
  return clients;
}

test('who speaks is large, or who was chosen, and then all are alike again', async () => {
  const [one] = (await enter('views', 3)) as [WebClient];
  const { page } = one.participant;
  const large = page.getByRole('list', { name: 'Shown large' });
  await page.keyboard.press('w');
  expect(await large.getByRole('listitem').getAttribute('aria-label')).toMatch(/^participant [23]/);
  expect(await complaints(page, 'speaker view')).toEqual([]);

  const pin = page.getByRole('button', { name: 'Show participant 1 (you) large' });
  await pin.focus();
  await page.keyboard.press('Enter');
  await large.getByRole('listitem', { name: /^participant 1/ }).waitFor();
  // The tile has moved, and the focus with it.
  await waitUntil('the focus', () => pin.evaluate((button) => button === document.activeElement));
  await one.press('Show participant 3 large');
  await large.getByRole('listitem', { name: /^participant 3/ }).waitFor();
  await expectSeesAndHears(one, [2, 3]);
  await page.keyboard.press('w');
  expect(await large.count()).toBe(1);
  await one.press('Show participant 3 large');
  await large.waitFor({ state: 'detached' });
  await expectSeesAndHears(one, [2, 3]);

  // Whoever has a poor connection has a sign for it, and the sign says more.
  const dialog = page.getByRole('dialog', { name: 'Connection' });
  await waitUntil('the reason', async () => {
    await page.evaluate(async () => {
      const conference = window.conclave?.conference;
      const [other] = conference?.participants.get() ?? [];
      const stats = { colibriClass: 'EndpointStats', connectionQuality: 20 } as const;
      conference?.media.quality.handleStats(other?.id ?? '', stats);
      for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
      document.querySelector<HTMLElement>('button[aria-label^="Connection of"]')?.click();
    });
    return dialog.isVisible();
  });
  await dialog.getByText('Where a network is slow').waitFor();
});

test('nothing is sent to who does not look, or wants voices only; the pictures come back', async () => {
  const [one] = (await enter('looks', 2)) as [WebClient];
  const { page } = one.participant;
  const forwarded = (count: number) =>
    waitUntil(`${count} pictures to be sent`, () =>
      page.evaluate((wanted) => {
        const media = window.conclave?.conference?.media;
        return media?.forwardedSources.get()?.size === wanted;
      }, count),
    );
  const show = (state: DocumentVisibilityState) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'visibilityState', { value, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, state);
  await show('hidden');
  await forwarded(0);
  await show('visible');
  await forwarded(1);
  await expectSeesAndHears(one, [2]);

  const quality = page.getByLabel('Pictures of the others');
  await one.chooseFromMenu('Settings');
  await quality.selectOption('None: voices only');
  await forwarded(0);
  await page.getByRole('listitem', { name: 'participant 2' }).locator('video').waitFor({
    state: 'detached',
  });
  await quality.selectOption('Low: saves data and battery');
  await forwarded(1);
  await one.press('Done');
  await expectSeesAndHears(one, [2]);
});

test('a small window shows the other one, also to who looks at something else, and has buttons', async () => {
  const [one] = (await enter('small', 2)) as [WebClient];
  const { page } = one.participant;
  /** Undefined without such a window. */
  const inSmall = <T>(read: (document: Document) => T) =>
    page.evaluate(
      `(${read})(window.documentPictureInPicture.window?.document ?? new Document())`,
    ) as Promise<T>;
  const isOpen = (wanted: boolean) =>
    waitUntil(`the small window to be there: ${wanted}`, async () => {
      return (await inSmall((small) => small.querySelector('main') !== null)) === wanted;
    });
  const asked = () =>
    page.evaluate(() => window.conclave?.conference?.media.forwardedSources.get()?.size);
  await one.chooseFromMenu('Picture in picture');
  await isOpen(true);
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await waitUntil('a small picture only', async () => {
    const stats = await page.evaluate(() => window.conclave?.stats());
    const [picture] = stats?.inbound.filter(({ kind }) => kind === 'video') ?? [];
    return picture?.frameHeight === 180 && (await asked()) === 1;
  });
  const names = await inSmall((small) =>
    [...small.querySelectorAll('li, button')].map((each) => each.getAttribute('aria-label')),
  );
  expect(names).toEqual([expect.stringMatching(/^participant 2/), 'Microphone', 'Camera', 'Leave']);
  await waitUntil('its style', () =>
    inSmall((small) => {
      const view = small.querySelector('main');
      return view !== null && getComputedStyle(view).display === 'flex';
    }),
  );
  await inSmall((small) => small.querySelector<HTMLElement>('[aria-label="Microphone"]')?.click());
  await page.getByRole('button', { name: 'Microphone', pressed: false }).waitFor();
  await page.keyboard.press('i');
  await isOpen(false);
  await waitUntil('nothing to be sent', async () => (await asked()) === 0);
});

test('where pages have no such windows the picture alone is in one', async () => {
  const [one, two] = (await Promise.all(
    [1, 2].map((number) => WebClient.open(stage.browser, stage.server.url, { number })),
  )) as [WebClient, WebClient];
  const { page, context } = one.participant;
  await context.addInitScript(() => Reflect.deleteProperty(window, 'documentPictureInPicture'));
  await one.join('picture');
  await two.join('picture');
  await expectFullCall([one, two]);
  await one.chooseFromMenu('Picture in picture');
  const seen = new Set<number | undefined>();
  await waitUntil('the other one to move in the small window', async () => {
    const picture = await page.evaluate(() => {
      const small = document.pictureInPictureElement;
      if (!(small instanceof HTMLVideoElement)) return undefined;
      return window.signedMedia.readPictureElement(small);
    });
    if (picture?.number === 2) seen.add(picture.counter);
    return seen.size > 2;
  });
  await page.keyboard.press('i');
  await waitUntil('the window to be gone', () =>
    page.evaluate(() => document.pictureInPictureElement === null),
  );
});

test('who wants another language has it at once, and the call goes on', async () => {
  const [one] = (await enter('tongues', 2)) as [WebClient];
  const { page } = one.participant;
  await one.chooseFromMenu('Settings');
  await page.getByLabel('Language (Sprache)').selectOption('Deutsch');
  await page.getByRole('heading', { name: 'Einstellungen' }).waitFor();
  expect(await complaints(page, 'settings in German')).toEqual([]);
  await one.press('Fertig');
  await page.getByRole('list', { name: 'Teilnehmende' }).waitFor();
  await expectSeesAndHears(one, [2]);
  await page.getByRole('button', { name: 'Verlassen' }).click();
  await page.getByRole('heading', { name: 'Sie haben die Besprechung verlassen' }).waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'Teilnehmen' }).waitFor();
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('de');
});

test('who speaks into a microphone that is off is told, and may speak while holding a key', async () => {
  const [one, two] = (await enter('hush', 2)) as [WebClient, WebClient];
  const { page } = one.participant;
  const hears = (tones: readonly number[]) =>
    waitUntil(`tones ${tones.join()}`, async () => {
      const [remote] = await two.readRemote();
      return JSON.stringify(remote?.tones) === JSON.stringify(tones);
    });
  await page.keyboard.press('m');
  await hears([]);
  await one.sees('You are speaking, but your microphone is off.');
  await page.keyboard.down(' ');
  await hears([1]);
  await page.keyboard.up(' ');
  await hears([]);
  await page.keyboard.press('?');
  await one.sees('Hold down to speak');
  // In a dialogue the key is the dialogue's: it presses what has the focus there.
  await page.keyboard.press(' ');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Microphone', pressed: false }).click();
  await hears([1]);
  await waitUntil('nothing more to be said', async () => {
    return (await page.getByText('You are speaking, but').count()) === 0;
  });
  await two.press(/^Raise hand/);
  await one.sees('participant 2 raised a hand');
  await two.leave();
  await one.sees('participant 2 left');
});
