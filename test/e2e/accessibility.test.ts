/** axe-core over every screen of our client, dark and light, wide and as narrow as a phone. */
import { expect, test } from 'vitest';
import { complaints } from './complaints.ts';
import { useStage } from './stage.ts';
import { WebClient } from './web-client.ts';

const stage = useStage();
test('nothing on any screen', async () => {
  const [moderator, guest] = await Promise.all(
    [1, 2].map((number) => WebClient.open(stage.browser, stage.server.url, { number })),
  );
  if (moderator === undefined || guest === undefined) throw new Error('no clients');
  const { page } = moderator.participant;
  const found: string[] = [];
  const check = async (screen: string, on = page) => {
    found.push(...(await complaints(on, screen)));
  };

  await page.goto(stage.server.url);
  await check('welcome');
  await page.goto(`${stage.server.url}/reachable`);
  await page.getByLabel('Your name').waitFor();
  await check('prejoin');
  await moderator.join('reachable');
  await check('alone');
  await moderator.chooseFromMenu('Security');
  await check('security');
  await page.getByRole('switch', { name: 'Lobby' }).click();
  await moderator.press('Close');

  await guest.participant.page.goto(`${stage.server.url}/reachable`);
  await guest.press('Join meeting');
  await guest.sees('What is your name?');
  await check('lobby without a name', guest.participant.page);
  await guest.knock('reachable');
  await guest.sees('A moderator has been told');
  await check('lobby', guest.participant.page);
  await moderator.sees('participant 2 wants to join');
  await check('doorbell');
  await moderator.press(/^People/);
  await check('people with somebody waiting');
  await moderator.press('Let in participant 2');
  await guest.entered();
  await moderator.press('Add a breakout room');
  await page.getByRole('button', { name: 'Go to Room 1' }).waitFor();
  await moderator.press('Rename Room 1');
  await check('people and breakout rooms');
  await page.keyboard.press('Escape');
  await moderator.press('What to do with participant 2');
  await check('menu of a person');
  await page.keyboard.press('Escape');
  await moderator.press('Close people');
  await moderator.sendChat('good morning, see https://example.org');
  await check('chat');
  await moderator.press('Close chat');
  await moderator.press('React');
  await check('reactions');
  await moderator.press('React'); // on narrow screens it is elsewhere, and so it was closed
  await page.getByRole('menuitem', { name: 'Heart' }).click();
  await moderator.press(/^Share screen/);
  await moderator.sees('You are sharing your screen, without sound.');
  await check('sharing');
  await moderator.press('Stop sharing your screen');
  await moderator.press('More');
  await check('more');
  await page.keyboard.press('Escape');
  await guest.chooseFromMenu('Polls');
  await guest.press('Ask a question');
  await guest.press('Ask');
  await check('poll form', guest.participant.page);
  await guest.participant.page.getByRole('textbox', { name: 'Question' }).fill('Tea?');
  for (const [label, text] of [
    ['Answer 1', 'Yes'],
    ['Answer 2', 'No'],
  ] as const) {
    await guest.participant.page.getByLabel(label).fill(text);
  }
  await guest.press('Ask');
  await moderator.press('Answer');
  await check('poll');
  await page.getByRole('checkbox', { name: 'Yes' }).check();
  await moderator.press('Vote');
  await moderator.sees('1 person has voted');
  await check('results of a poll');
  await moderator.press('Close polls');
  await moderator.chooseFromMenu('Speaking time');
  await moderator.sees(/\d s/);
  await check('speaking time');
  await moderator.press('Close');
  await moderator.chooseFromMenu('Settings');
  await check('settings');
  await moderator.press('Done');
  await moderator.chooseFromMenu('Connection');
  await moderator.sees(/bit\/s/);
  await check('connection');
  await moderator.press('Close');
  await moderator.chooseFromMenu('Invite people');
  await page.getByRole('img', { name: 'QR code of the link' }).waitFor();
  await check('invite');
  await moderator.press('Close');
  await page.keyboard.press('?');
  await moderator.sees('Raise or lower your hand');
  await check('keys');
  await moderator.press('Close');
  await moderator.chooseFromMenu('End the meeting for all');
  await check('end');
  await moderator.press('Cancel');
  await moderator.doTo(2, 'Remove from the meeting');
  await guest.sees('You were removed');
  await check('removed', guest.participant.page);
  await moderator.chooseFromMenu('Security');
  await page.getByRole('switch', { name: 'Lobby' }).click();
  await page.getByLabel('Room password').fill('open sesame');
  await moderator.press('Set password');
  await page.getByRole('button', { name: 'Remove password' }).waitFor();
  await moderator.press('Close');
  await guest.knock('reachable');
  await guest.sees('This room has a password');
  await check('password', guest.participant.page);
  await moderator.leave();
  await check('left');

  expect(found).toEqual([]);
});

test('a call can be led by keyboard alone; dialogues and menus give the focus back', async () => {
  const client = await WebClient.open(stage.browser, stage.server.url, { number: 1 });
  const { page } = client.participant;
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  await page.goto(`${stage.server.url}/keys`);
  await page.getByLabel('Your name').waitFor();
  await page.keyboard.type('participant 1');
  await page.keyboard.press('Enter');
  await client.entered();

  await page.keyboard.press('m');
  await page.getByRole('button', { name: 'Microphone', pressed: false }).waitFor();
  await page.keyboard.press('p');
  await page.getByRole('complementary', { name: 'People' }).waitFor();
  await page.keyboard.press('Escape');
  expect(await focused()).toBe('People');

  await page.getByRole('button', { name: 'More' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('End');
  await page.keyboard.press('Home');
  for (let presses = 0; presses < 3; presses++) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Settings' });
  await dialog.waitFor();
  // The keys of the call are not those of the dialogue, and the focus stays in it.
  await page.keyboard.press('m');
  for (let presses = 0; presses < 10; presses++) {
    await page.keyboard.press('Tab');
    const isInside = await page.evaluate(() => {
      const { activeElement } = document;
      return activeElement === document.body || activeElement?.closest('dialog') !== null;
    });
    expect(isInside).toBe(true);
  }
  // Who presses keys unasked switches them off (WCAG 2.1.4).
  const keys = dialog.getByRole('switch', { name: 'Use single keys' });
  await keys.uncheck();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(await focused()).toBe('More');
  await page.keyboard.press('p');
  await client.chooseFromMenu('Settings');
  await keys.check();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await page.keyboard.press('p'); // would close what the first had opened
  await page.getByRole('complementary', { name: 'People' }).waitFor();
  await page.getByRole('button', { name: 'Microphone', pressed: false }).waitFor();
});
