/**
 * Accounts and guests with our client: who leads logs in, the others wait; every refusal says why. The pages that the server
 * itself writes are read by axe too.
 */
import { waitUntil } from '@conclave/testkit';
import { beforeAll, expect, test } from 'vitest';
import { complaints } from './complaints.ts';
import { expectFullCall } from './expect-call.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { useStage } from './stage.ts';
import { WebClient } from './web-client.ts';

const stage = useStage({
  env: { ENABLE_AUTH: '1', AUTH_TYPE: 'internal', ENABLE_GUESTS: '1' },
});
const PASSWORD = 'correct horse of ada';

beforeAll(() => {
  stage.server.runCommand(['user', 'add', 'ada'], `${PASSWORD}\n${PASSWORD}\n`);
});

function openOurs(number: number): Promise<WebClient> {
  return WebClient.open(stage.browser, stage.server.url, { number });
}

async function logIn(client: WebClient, password: string): Promise<void> {
  const { page } = client.participant;
  await page.getByLabel('User name').fill('ada');
  await page.getByLabel('Password').fill(password);
  await client.press('Log in');
}

test('a guest waits for the host, who logs in and leads; then all are in', async () => {
  const [guest, host] = await Promise.all([openOurs(1), openOurs(2)]);
  const jitsi = await LjmClient.open(stage.browser, stage.ljmSite, {
    number: 3,
    config: { p2p: { enabled: false } },
  });
  await guest.knock('lecture');
  await guest.sees('Waiting for the host');

  await host.knock('lecture');
  await host.sees('Waiting for the host');
  expect(await complaints(host.participant.page, 'waiting for the host')).toEqual([]);
  await host.press('I am the host');
  await logIn(host, 'not the password');
  await host.sees('User name or password is not right');
  expect(await complaints(host.participant.page, 'log in')).toEqual([]);
  await logIn(host, PASSWORD);
  await host.entered();
  await guest.entered(); // by itself: it asks every five seconds
  await jitsi.join('lecture');
  await expectFullCall([host, guest, jitsi]);

  await host.doTo(1, 'Mute');
  await guest.sees('A moderator muted your microphone');
  await guest.press(/^People/);
  await guest.press('What to do with participant 2');
  expect(await guest.participant.page.getByRole('menuitem').allTextContents()).toEqual([
    'Write a private message',
  ]);

  // Who has logged in once is known at the next visit.
  await guest.leave();
  await jitsi.leave();
  await host.leave();
  await waitUntil('the room to have ended', () =>
    stage.server.output.join('').includes('muc.room.ended'),
  );
  await host.join('seminar');
  await host.chooseFromMenu('Security');
  await host.press('Close');
  await host.chooseFromMenu('Log out and leave');
  await host.sees('You left the meeting');
  await host.knock('afterwards');
  await host.sees('Waiting for the host');
});

test('who was invited sets a password and logs in, on pages without scripts', async () => {
  const { page } = (await openOurs(1)).participant;
  const [link = ''] = stage.server
    .runCommand(['user', 'invite', 'bea', '--url', stage.server.url])
    .match(/https:\S+/) ?? [''];
  await page.goto(link);
  expect(await complaints(page, 'invitation')).toEqual([]);
  const first = 'sunny bees dance';
  for (const again of ['sunny bees dancing', first]) {
    await page.getByLabel('New password').fill(first);
    await page.getByLabel('The same again').fill(again);
    await page.keyboard.press('Enter');
    if (again !== first) {
      await page.getByText('The two passwords differ').waitFor();
      expect(await complaints(page, 'invitation, refused')).toEqual([]);
    }
  }
  await page.getByText('You can log in as bea now').waitFor();
  expect(await complaints(page, 'password set')).toEqual([]);
  await page.goto(link);
  await page.getByText('was used already').waitFor();
  expect(await complaints(page, 'used invitation')).toEqual([]);

  await page.setExtraHTTPHeaders({ 'Accept-Language': 'de-AT,en;q=0.5' });
  await page.goto(link);
  await page.getByText('wurde schon benutzt').waitFor();
  await page.setExtraHTTPHeaders({});

  await page.goto(`${stage.server.url}/login`);
  expect(await complaints(page, 'log-in page')).toEqual([]);
  await page.getByLabel('User name').fill('bea');
  await page.getByLabel('Password').fill('not this one');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
  expect(await complaints(page, 'log-in page, refused')).toEqual([]);
  await page.getByLabel('Password').fill(first);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Meet face to face' }).waitFor();
  await page.goto(`${stage.server.url}/login`);
  await page.getByText('As bea').waitFor();
  expect(await complaints(page, 'logged in already')).toEqual([]);
});
