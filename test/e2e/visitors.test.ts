/** Visitors, seen from unmodified Jitsi clients: they look on until a moderator lets them take part. */
import { waitUntil } from '@conclave/testkit';
import { describe, expect, test } from 'vitest';
import { displayNameOf } from './call-client.ts';
import { expectFullCall, expectSeesAndHears } from './expect-call.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { useStage } from './stage.ts';
import { WebClient } from './web-client.ts';

const stage = useStage({ env: { ENABLE_VISITORS: '1', VISITORS_MAX_PARTICIPANTS: '2' } });

function open(number: number): Promise<LjmClient> {
  const config = { p2p: { enabled: false } };
  return LjmClient.open(stage.browser, stage.ljmSite, { number, config });
}

/** Two in a room for two, the first of whom leads, and a third who is not in yet. */
async function fillRoom(): Promise<[moderator: LjmClient, friend: LjmClient, third: LjmClient]> {
  const [moderator, friend, third] = await Promise.all([open(1), open(2), open(3)]);
  await moderator.join('stage');
  await friend.join('stage');
  await waitUntil('the first to be moderator', () => moderator.isModerator());
  return [moderator, friend, third];
}

async function askInChat(visitor: LjmClient, moderator: LjmClient): Promise<void> {
  await visitor.sendChat('a question');
  await waitUntil('the question to arrive', async () => {
    return (await moderator.chatTexts()).includes('a question');
  });
}

/** What the moderator says to the raised hand of somebody who looks on. */
function answerHand(moderator: LjmClient, visitor: LjmClient, approved: boolean): Promise<void> {
  return moderator.participant.page.evaluate(
    (answer) => window.call.sendJson({ type: 'visitors', action: 'promotion-response', ...answer }),
    { approved, id: visitor.id },
  );
}

async function unmute({ participant: { page } }: LjmClient): Promise<void> {
  await page.evaluate(() => window.call.setMuted('audio', false));
  await page.evaluate(() => window.call.setMuted('video', false));
}

/** Clients since 2022 are sent to the visitor node; shown with a current build: `LJM_BUNDLE`. */
const knowsNode = process.env.LJM_BUNDLE !== undefined;

describe.skipIf(!knowsNode)('on the visitor node', () => {
  test('who comes when the room is full is sent there, and back when a moderator says so', async () => {
    const [moderator, friend, visitor] = await fillRoom();
    await visitor.joinAsVisitor('stage');
    const role = () => visitor.participant.page.evaluate(() => window.call.role());
    expect(await role()).toBe('visitor');
    await expectSeesAndHears(visitor, [1, 2]);
    await expectFullCall([moderator, friend]);
    expect(await moderator.readRemote()).toHaveLength(1);
    await waitUntil('the number of visitors to be known', () =>
      friend.participant.page.evaluate(() => window.call.visitorCount() === 1),
    );

    await askInChat(visitor, moderator);
    await visitor.participant.page.evaluate(() => window.call.raiseHand());
    await answerHand(moderator, visitor, false);
    await waitUntil('the visitor to be told', async () => {
      return (await visitor.eventsOf('VISITORS_REJECTION')).length === 1;
    });
    await visitor.participant.page.evaluate(() => window.call.lowerHand());
    await visitor.participant.page.evaluate(() => window.call.raiseHand());
    await answerHand(moderator, visitor, true);
    await visitor.followed(2);
    expect(await role()).toBe('participant');
    await unmute(visitor);
    await expectFullCall([moderator, friend, visitor]);
  });
});

test.skipIf(knowsNode)(
  'who comes when the room is full looks on unseen, chats, and takes part when a moderator says so',
  async () => {
    const [moderator, friend, visitor] = await fillRoom();
    await visitor.join('stage');
    await expectSeesAndHears(visitor, [1, 2]);
    await expectFullCall([moderator, friend]);
    expect(await moderator.readRemote()).toHaveLength(1);

    await askInChat(visitor, moderator);

    await visitor.participant.page.evaluate(() => window.call.raiseHand());
    await answerHand(moderator, visitor, true);
    await waitUntil('everybody to see the visitor', async () => {
      return (await friend.readRemote()).some(({ id }) => id === visitor.id);
    });
    await unmute(visitor);
    await expectFullCall([moderator, friend, visitor]);
  },
);

test('in our client: looks on, asks, is refused, asks again, takes part, and is sent back', async () => {
  const [moderator, friend, visitor] = (await Promise.all(
    [1, 2, 3].map((number) => WebClient.open(stage.browser, stage.server.url, { number })),
  )) as [WebClient, WebClient, WebClient];
  await moderator.join('audience');
  await friend.join('audience');
  await visitor.knock('audience');
  await visitor.sees('You are looking on');
  await expectSeesAndHears(visitor, [1, 2]);
  await expectFullCall([moderator, friend]);
  const { page } = visitor.participant;
  expect(await page.getByRole('button', { name: 'Microphone' }).count()).toBe(0);

  await visitor.press('Ask to take part');
  await moderator.sees('participant 3 asks to take part');
  await moderator.press('Deny');
  await visitor.sees('did not let you take part');
  await visitor.press('Ask to take part');
  await moderator.press(/^People/);
  await moderator.sees('1 person looks on');
  await moderator.press(`Let ${displayNameOf(3)} take part`);
  await visitor.sees('You may take part now');
  await visitor.entered();
  await visitor.press('Microphone');
  await visitor.press('Camera');
  await expectFullCall([moderator, friend, visitor]);

  await moderator.doTo(3, 'Make a visitor, who only looks on');
  await visitor.sees('You are looking on');
  await expectFullCall([moderator, friend]);
  await expectSeesAndHears(visitor, [1, 2]);
});
