/** What moderators and those at the door do with our client, mixed with unmodified Jitsi clients. */
import { waitUntil } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { expectFullCall, expectSeesAndHears } from './expect-call.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { useStage } from './stage.ts';
import { WebClient } from './web-client.ts';

const stage = useStage();

function openOurs(number: number): Promise<WebClient> {
  return WebClient.open(stage.browser, stage.server.url, { number });
}

function openJitsi(number: number): Promise<LjmClient> {
  const config = { p2p: { enabled: false } };
  return LjmClient.open(stage.browser, stage.ljmSite, { number, config });
}

async function switchLobby(moderator: WebClient): Promise<void> {
  await moderator.chooseFromMenu('Security');
  await moderator.participant.page.getByRole('switch', { name: 'Lobby' }).click();
  await moderator.press('Close');
}

test('people knock, are let in, denied, or use the password', async () => {
  const [moderator, friend, stranger] = await Promise.all([openOurs(1), openOurs(2), openOurs(3)]);
  await moderator.join('door');
  await switchLobby(moderator);

  await friend.knock('door');
  await friend.sees('A moderator has been told');
  await friend.participant.page.getByLabel('Message to the moderators').fill('it is me');
  await friend.participant.page.keyboard.press('Enter');
  await moderator.sees('participant 2 wants to join');
  await moderator.press(/^People/);
  await moderator.sees('it is me');
  await moderator.press('Let in participant 2');
  await friend.entered();
  await expectFullCall([moderator, friend]);

  await stranger.knock('door');
  await moderator.press('Deny participant 3');
  await stranger.sees('You were not let in');

  const jitsi = await openJitsi(4);
  await expect(jitsi.join('door')).rejects.toThrow(/membersOnly/);
  await jitsi.waitInLobby();
  await moderator.press('Let in participant 4');
  await expectSeesAndHears(friend, [1, 4]);

  await moderator.chooseFromMenu('Security');
  await moderator.participant.page.getByLabel('Room password').fill('open sesame');
  await moderator.press('Set password');
  await moderator.press('Remove password'); // it can be pressed when the room has one
  await moderator.participant.page.getByLabel('Room password').fill('open sesame');
  await moderator.press('Set password');
  await moderator.participant.page.getByRole('button', { name: 'Remove password' }).waitFor();
  await moderator.press('Close');
  await stranger.knock('door');
  await stranger.press('I have a password');
  for (const password of ['guess', 'open sesame']) {
    await stranger.participant.page.getByLabel('Room password').fill(password);
    await stranger.press('Join meeting');
    if (password === 'guess') await stranger.sees('That password is not right');
  }
  await stranger.entered();
  await expectSeesAndHears(stranger, [1, 2, 4]);
});

test('a moderator mutes, moderates, makes another moderator, removes, and ends', async () => {
  const [moderator, guest] = await Promise.all([openOurs(1), openOurs(2)]);
  const jitsi = await openJitsi(3);
  for (const client of [moderator, guest, jitsi]) await client.join('order');
  await expectFullCall([moderator, guest, jitsi]);

  // Jitsi's applications of that time say polls in the room itself.
  const { page } = jitsi.participant;
  const poll = { type: 'new-poll', pollId: 'tea', question: 'Tea?', answers: ['Yes', 'No'] };
  await page.evaluate((json) => window.call.sendJson(json), poll);
  await guest.sees('participant 3 asks: Tea?');
  await guest.press('Answer');
  await guest.participant.page.getByRole('checkbox', { name: 'Yes' }).check();
  await guest.press('Vote');
  const vote = { type: 'answer-poll', pollId: 'tea', voterId: guest.id, answers: [true, false] };
  await waitUntil("the vote at Jitsi's client", async () => {
    const said = await page.evaluate(() => window.call.jsonMessages());
    const found = said.find((json) => (json as { type?: string }).type === 'answer-poll');
    if (found !== undefined) expect(found).toMatchObject(vote);
    return found !== undefined;
  });
  await guest.press('Close polls');

  await moderator.doTo(2, 'Mute');
  await guest.sees('A moderator muted your microphone');
  await waitUntil('the muted not to be heard', async () => {
    const [, heard] = [jitsi, await jitsi.readRemote()];
    return heard.some(({ id, tones }) => id === guest.id && tones.length === 0);
  });
  await guest.press(/^Microphone/);
  await expectSeesAndHears(jitsi, [1, 2]);

  await moderator.chooseFromMenu('Security');
  await moderator.participant.page.getByRole('switch', { name: 'Unmute themselves' }).click();
  await moderator.press('Close');
  await guest.sees('A moderator muted your microphone');
  await guest.press(/^Microphone/);
  await guest.sees('A moderator must allow you to unmute first');
  await guest.participant.page.getByRole('button', { name: 'Raise your hand' }).click();
  await moderator.doTo(2, 'Allow to unmute');
  await guest.sees('A moderator allows you to unmute');
  await guest.press('Unmute microphone');
  await waitUntil('the allowed to be heard', async () => {
    const heard = await moderator.readRemote();
    return heard.some(({ id, tones }) => id === guest.id && tones.includes(2));
  });

  await moderator.doTo(2, 'Make moderator');
  await guest.sees('You are a moderator now');
  await guest.doTo(3, 'Remove from the meeting');
  await waitUntil('the removed to know', async () => (await jitsi.eventsOf('KICKED')).length > 0);

  await guest.chooseFromMenu('End the meeting for all');
  await guest.press('End the meeting');
  for (const client of [guest, moderator]) await client.sees('The meeting has ended');
});

test('a shared screen is seen beside the camera, and gone when it is stopped', async () => {
  const [presenter, viewer] = await Promise.all([openOurs(1), openOurs(2)]);
  const jitsi = await openJitsi(3);
  for (const client of [presenter, viewer, jitsi]) await client.join('screen');
  await expectFullCall([presenter, viewer, jitsi]);

  const jitsiSees = async () => {
    const remote = await jitsi.readRemote();
    const of = remote.find(({ id }) => id === presenter.id);
    return of?.pictures.map(({ number }) => number) ?? [];
  };
  for (const round of ['first', 'again']) {
    await presenter.press(/^Share screen/);
    await presenter.sees('You are sharing your screen');
    await waitUntil(`the screen at our client, ${round}`, async () => {
      return (await viewer.readScreens()).includes(101);
    });
    await waitUntil(`the screen at Jitsi's client, ${round}`, async () => {
      return (await jitsiSees()).includes(101);
    });
    // The camera goes on beside it.
    await expectSeesAndHears(viewer, [1, 3]);

    await presenter.press('Stop sharing your screen');
    await waitUntil('no screen at our client', async () => {
      return (await viewer.readScreens()).length === 0;
    });
    await waitUntil("the camera alone at Jitsi's client", async () => {
      const numbers = await jitsiSees();
      return numbers.length === 1 && numbers[0] === 1;
    });
  }
  await expectFullCall([presenter, viewer, jitsi]);
});

test('the sound of a shared screen is heard beside the voice, also of who is muted', async () => {
  const presenter = await WebClient.open(stage.browser, stage.server.url, {
    number: 1,
    sharesSound: true,
  });
  const viewer = await openOurs(2);
  await presenter.join('film');
  await viewer.join('film');
  await expectFullCall([presenter, viewer]);
  const hears = (tones: readonly number[]) =>
    waitUntil(`tones ${tones.join()}`, async () => {
      const [remote] = await viewer.readRemote();
      return JSON.stringify(remote?.tones) === JSON.stringify(tones);
    });
  await presenter.press(/^Share screen/);
  await hears([1, 11]);
  await presenter.press('Microphone');
  await hears([11]);
  await presenter.press('Stop sharing your screen');
  await presenter.press('Microphone');
  await hears([1]);
});

test('lost, forbidden and missing devices are told, with a way back; the call goes on', async () => {
  const [unlucky, other] = await Promise.all([openOurs(1), openOurs(2)]);
  const { page } = unlucky.participant;
  await other.join('devices');
  await unlucky.join('devices');
  await expectFullCall([unlucky, other]);
  await page.evaluate(() => {
    const { srcObject } = document.querySelector('li[data-participant] video') as HTMLVideoElement;
    const [camera] = (srcObject as MediaStream).getVideoTracks();
    camera?.dispatchEvent(new Event('ended')); // as when it is unplugged
  });
  await unlucky.sees('Your camera is gone');
  await unlucky.press('Try again');
  await expectFullCall([unlucky, other]);

  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = async ({ video } = {}) => {
      throw new DOMException('', video ? 'NotFoundError' : 'NotAllowedError');
    };
  });
  await unlucky.knock('devices');
  await unlucky.entered();
  await unlucky.sees('does not let this page use your microphone');
  await unlucky.sees('No camera was found');
  await unlucky.participant.page.getByRole('button', { name: 'Dismiss' }).first().click();
  await expectSeesAndHears(unlucky, [2]);
});

test('who comes later reads what was said, and starts muted when told to; a reaction is seen by all', async () => {
  const [first, second] = await Promise.all([openOurs(1), openOurs(2)]);
  await first.join('mood');
  await first.sendChat('we begin with the minutes');
  await first.chooseFromMenu('Security');
  const muted = { name: 'Starts with the microphone off' };
  await first.participant.page.getByRole('switch', muted).click();
  await first.press('Close');
  await second.join('mood');
  await waitUntil('the message of before', async () => {
    return (await second.chatTexts()).includes('we begin with the minutes');
  });
  await second.sees('Your microphone is off: in this meeting everybody starts like that.');
  await second.press('Microphone');
  await expectFullCall([first, second]);
  await second.press('React');
  await second.participant.page.getByRole('menuitem', { name: 'Applause' }).click();
  for (const client of [first, second]) await client.sees('👏');
});

test('a question is asked, answered, answered otherwise, and seen by who comes later', async () => {
  const [moderator, guest, late] = await Promise.all([openOurs(1), openOurs(2), openOurs(3)]);
  await moderator.join('polls');
  await guest.join('polls');
  await guest.chooseFromMenu('Polls');
  await guest.press('Ask a question');
  await guest.participant.page.getByRole('textbox', { name: 'Question' }).fill('Soup or salad?');
  await guest.participant.page.getByLabel('Answer 1').fill('Soup');
  await guest.press('Ask');
  await guest.sees('Offer at least two answers');
  await guest.participant.page.getByLabel('Answer 2').fill('Salad');
  await guest.press('Ask');

  await moderator.sees('participant 2 asks: Soup or salad?');
  await moderator.press('Answer');
  await moderator.participant.page.getByRole('checkbox', { name: 'Salad' }).check();
  await moderator.press('Vote');
  await guest.press('Show the results');
  for (const client of [moderator, guest]) await client.sees('1 person has voted');
  await moderator.sees('(your choice)');
  await moderator.press('Change my vote');
  await moderator.participant.page.getByRole('checkbox', { name: 'Salad' }).uncheck();
  await moderator.participant.page.getByRole('checkbox', { name: 'Soup' }).check();
  await moderator.press('Vote');

  await late.join('polls');
  await late.chooseFromMenu('Polls');
  await late.press('Show the results');
  const [first] = await late.participant.page.getByRole('article').getByRole('listitem').all();
  expect(await first?.innerText()).toMatch(/Soup\s+1 \(100 %\)\s+participant 1/);

  await moderator.chooseFromMenu('Security');
  await moderator.participant.page.getByRole('switch', { name: 'Ask questions (polls)' }).click();
  await moderator.press('Close');
  await guest.sees('only moderators ask questions');
});

test('a moderator divides the meeting, visits a group, and brings all together again', async () => {
  const [moderator, friend] = await Promise.all([openOurs(1), openOurs(2)]);
  const jitsi = await openJitsi(3);
  for (const client of [moderator, friend, jitsi]) await client.join('groups');
  await expectFullCall([moderator, friend, jitsi]);

  await moderator.press(/^People/);
  await moderator.press('Add a breakout room');
  await moderator.participant.page.getByRole('button', { name: 'Go to Room 1' }).waitFor();
  await moderator.press('Rename Room 1');
  await moderator.participant.page.keyboard.type('North');
  await moderator.participant.page.keyboard.press('Enter');
  await moderator.participant.page.getByRole('button', { name: 'Go to North' }).waitFor();
  await moderator.doTo(2, 'Send to North');
  await expectFullCall([moderator, jitsi]);
  await friend.entered();
  await moderator.press('Go to North');
  await moderator.entered();
  await expectFullCall([moderator, friend]);

  await moderator.press(/^People/);
  await moderator.press('Close North');
  for (const client of [moderator, friend]) await client.entered();
  await expectFullCall([moderator, friend, jitsi]);
});
