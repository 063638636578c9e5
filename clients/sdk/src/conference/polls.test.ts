import { ManualClock, SeededRandom } from '@conclave/testkit';
import { beforeEach, expect, test, vi } from 'vitest';
import { OWN_ID, RoomStage } from '../testing/room-stage.ts';
import { votersOf } from './polls.ts';

let stage: RoomStage;
beforeEach(async () => {
  stage = new RoomStage(new ManualClock(), new SeededRandom(1));
  await stage.join();
});

const polls = () => stage.conference.features.polls;
const first = () => {
  const [poll] = polls().all.get();
  if (poll === undefined) throw new Error('there is no poll');
  return poll;
};
const news = (json: object, from = 'polls.meet.jitsi') =>
  stage.receive(
    `<message xmlns="jabber:client" from="${from}"><json-message xmlns="http://jitsi.org/jitmeet">${JSON.stringify({ type: 'polls', ...json }).replaceAll('"', '&quot;')}</json-message></message>`,
  );
const LUNCH = {
  command: 'new-poll',
  pollId: 'p-1',
  senderId: 'b0000000',
  senderName: 'Ben',
  question: 'Lunch?',
  answers: [{ name: 'Yes' }, { name: 'No' }],
};
const vote = (senderId: string, answers: unknown, senderName?: string) =>
  news({ command: 'answer-poll', pollId: 'p-1', senderId, senderName, answers });

const sent = () => stage.sent().map((text) => text.replaceAll('&quot;', '"'));

test('a question is asked of the component, and told to all', async () => {
  const asked = vi.fn();
  polls().on('asked', asked);
  expect(polls().ask('Lunch?', ['Yes', 'No'])).toBe(true);
  const [command] = sent();
  expect(command).toMatch(/^<message xmlns="jabber:client" to="polls.meet.jitsi" type="chat">/);
  expect(command).toContain('"question":"Lunch?","answers":[{"name":"Yes"},{"name":"No"}]');
  await news(LUNCH);
  expect(asked).toHaveBeenCalledExactlyOnceWith(first());
  expect(first()).toEqual({
    id: 'p-1',
    askerId: 'b0000000',
    askerName: 'Ben',
    question: 'Lunch?',
    answers: [
      { text: 'Yes', voters: [] },
      { text: 'No', voters: [] },
    ],
  });
});

test('the last vote of each person counts, and may be taken back', async () => {
  await news(LUNCH);
  await vote('b0000000', [true, false], 'Ben');
  await vote(OWN_ID, [true, true]);
  expect(first().answers[0]?.voters).toEqual([
    { id: 'b0000000', name: 'Ben' },
    { id: OWN_ID, name: 'Ada' },
  ]);
  expect([votersOf(first()), polls().ownVote(first())]).toEqual([2, [true, true]]);
  await vote(OWN_ID, [false, true]);
  expect(polls().ownVote(first())).toEqual([false, true]);
  await vote('b0000000', [false, false]);
  expect(votersOf(first())).toBe(1);
});

test('our vote goes to the component', async () => {
  await news(LUNCH);
  polls().vote('p-1', [false, true]);
  expect(sent().join()).toContain(
    '{"type":"polls","command":"answer-poll","pollId":"p-1","answers":[false,true]}',
  );
});

test('who comes later learns what was asked and chosen, and is not told that it is new', async () => {
  const asked = vi.fn();
  polls().on('asked', asked);
  const answers = [{ name: 'Yes', voters: [{ id: 'b0000000', name: 'Ben' }] }, { name: 'No' }];
  await news({ command: 'old-polls', polls: [{ ...LUNCH, answers }] });
  expect(first().answers[0]?.voters).toEqual([{ id: 'b0000000', name: 'Ben' }]);
  // After a break of the connection the room repeats them.
  await news({ command: 'old-polls', polls: [{ ...LUNCH, answers }] });
  expect(polls().all.get()).toHaveLength(1);
  expect(asked).not.toHaveBeenCalled();
});

test('what is too long for the server is not sent; what it refuses is told', async () => {
  expect(polls().ask('?'.repeat(500), ['ä'.repeat(300)])).toBe(false);
  expect(sent()).toEqual([]);
  const refused = vi.fn();
  polls().on('refused', refused);
  await stage.receive(
    '<message xmlns="jabber:client" type="error" from="polls.meet.jitsi"><error type="cancel"><not-allowed xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/><text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas">moderators only</text></error></message>',
  );
  expect(refused).toHaveBeenCalledExactlyOnceWith('moderators only');
});

test.each([
  { ...LUNCH, pollId: 1 },
  { ...LUNCH, question: undefined },
  { ...LUNCH, answers: 'Yes' },
  { ...LUNCH, answers: [] },
  { ...LUNCH, answers: [1, null, { name: 2 }] },
  { command: 'old-polls', polls: { p: LUNCH } },
  { command: 'old-polls', polls: [1, null, []] },
  { command: 'answer-poll', pollId: 'p-9', senderId: 'b0000000', answers: [true] },
  { command: 'unknown' },
])('nonsense changes nothing: %j', async (json) => {
  await news(json);
  expect(polls().all.get()).toEqual([]);
});

test('strangers neither ask nor vote; odd votes count for nothing', async () => {
  await news(LUNCH, 'daily@muc.meet.jitsi/b0000000');
  expect(polls().all.get()).toEqual([]);
  await news(LUNCH);
  await vote('b0000000', 'yes');
  await vote('b0000000', [1, 'true', true, true]);
  expect(votersOf(first())).toBe(0);
});
