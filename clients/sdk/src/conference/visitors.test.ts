import { ManualClock, SeededRandom } from '@conclave/testkit';
import { beforeEach, expect, test, vi } from 'vitest';
import { FOCUS, OWN_ID, occupant, ROOM, RoomStage } from '../testing/room-stage.ts';

let stage: RoomStage;
beforeEach(async () => {
  stage = new RoomStage(new ManualClock(), new SeededRandom(1));
  await stage.join();
});

const VISITOR = 'affiliation="none" role="visitor" jid="a1b2c3d4-0000@meet.jitsi/r"';
const visitors = () => stage.conference.features.visitors;
const request = (id: string, nick: string, on = true, from = 'visitors.meet.jitsi') => {
  const json = { type: 'visitors', action: 'promotion-request', from: `${ROOM}/${id}`, nick, on };
  return stage.receive(
    `<message xmlns="jabber:client" from="${from}"><json-message xmlns="http://jitsi.org/jitmeet">${JSON.stringify(json).replaceAll('"', '&quot;')}</json-message></message>`,
  );
};

const sent = () => stage.sent().map((text) => text.replaceAll('&quot;', '"'));

test('moderators learn who asks to take part, in their order, and who no longer does', async () => {
  await request('e0000000', 'Eve');
  await request('f0000000', 'Fay');
  await request('g0000000', 'Gil');
  await request('f0000000', 'Fay', false);
  await request('h0000000', 'Hal', true, `${ROOM}/b0000000`);
  expect(visitors().asking.get()).toEqual([
    { address: `${ROOM}/e0000000`, displayName: 'Eve' },
    { address: `${ROOM}/g0000000`, displayName: 'Gil' },
  ]);
  // Another moderator let one of them take part.
  await stage.receive(occupant('e0000000'));
  expect(
    visitors()
      .asking.get()
      .map(({ displayName }) => displayName),
  ).toEqual(['Gil']);
});

test('the answer of a moderator is for the server', async () => {
  await request('e0000000', 'Eve');
  visitors().answer([`${ROOM}/e0000000`], true);
  visitors().demote('b0000000');
  expect(visitors().asking.get()).toEqual([]);
  const texts = sent();
  expect(texts[0]).toContain(`to="${ROOM}" type="groupchat"`);
  expect(texts[0]).toContain(
    `{"type":"visitors","action":"promotion-response","approved":true,"ids":["${ROOM}/e0000000"]}`,
  );
  expect(texts[1]).toContain(`"action":"demote-request","id":"b0000000","actor":"${OWN_ID}"`);
});

test('the focus says how many look on', async () => {
  const properties =
    '<conference-properties xmlns="http://jitsi.org/protocol/focus"><property key="bridge-count" value="1"/><property key="visitor-count" value="3"/></conference-properties>';
  await stage.receive(FOCUS.replace('<x ', `${properties}<x `));
  expect(visitors().count.get()).toBe(3);
  await stage.receive(FOCUS);
  expect(visitors().count.get()).toBe(0);
});

test('a visitor may switch nothing on; let in, its hand goes down', async () => {
  await stage.receive(occupant(OWN_ID, '', VISITOR));
  expect(stage.conference.self.get().isVisitor).toBe(true);
  expect(stage.conference.mayUnmute('audio')).toBe(false);
  stage.conference.setRaisedHand(true);
  await stage.receive(occupant(OWN_ID));
  expect(stage.conference.self.get()).toMatchObject({ isVisitor: false, raisedHand: false });
  expect(stage.conference.mayUnmute('audio')).toBe(true);
});

test('a visitor is not told of mutes, but of a refusal; only the room refuses', async () => {
  const muted = vi.fn();
  const refused = vi.fn();
  stage.conference.on('mutedByModerator', muted);
  stage.conference.on('promotionRefused', refused);
  await stage.receive(occupant(OWN_ID, '', VISITOR));
  await stage.receive(
    `<iq xmlns="jabber:client" type="set" id="m" from="${ROOM}/focus"><mute xmlns="http://jitsi.org/jitmeet/audio">true</mute></iq>`,
  );
  stage.conference.setRaisedHand(true);
  const refusal = (from: string) =>
    `<iq xmlns="jabber:client" type="set" id="p" from="${from}"><visitors xmlns="jitsi:visitors" room="${ROOM}"><promotion-response xmlns="jitsi:visitors" allow="false"/></visitors></iq>`;
  await stage.receive(refusal(`${ROOM}/b0000000`));
  expect(refused).not.toHaveBeenCalled();
  await stage.receive(refusal(ROOM));
  expect([muted.mock.calls.length, refused.mock.calls.length]).toEqual([0, 1]);
  expect(stage.conference.self.get().raisedHand).toBe(false);
});
