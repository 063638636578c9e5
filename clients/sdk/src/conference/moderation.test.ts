/** What moderators may do, and what moderation does to us, word by word. */
import { ManualClock, SeededRandom } from '@conclave/testkit';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { OWN_ID, ROOM, RoomStage } from '../testing/room-stage.ts';

let stage: RoomStage;
beforeEach(async () => {
  stage = new RoomStage(new ManualClock(), new SeededRandom(1));
  await stage.join();
});

const news = (json: string, from = 'avmoderation.meet.jitsi') =>
  `<message xmlns="jabber:client" from="${from}"><json-message xmlns="http://jitsi.org/jitmeet">${json.replaceAll('"', '&quot;')}</json-message></message>`;

describe('commands', () => {
  const moderation = () => stage.conference.features.moderation;

  test.each([
    [
      'kick',
      () => moderation().kick('b0000000', 'noise'),
      `to="${ROOM}"`,
      '<item nick="b0000000" role="none"><reason>noise</reason></item>',
    ],
    [
      'grant',
      () => moderation().grantModerator('b0000000@meet.jitsi/r'),
      `to="${ROOM}"`,
      '<item affiliation="owner" jid="b0000000@meet.jitsi"/>',
    ],
    [
      'mute',
      () => moderation().mute('b0000000', 'video'),
      `to="${ROOM}/focus"`,
      `<mute xmlns="http://jitsi.org/jitmeet/video" jid="${ROOM}/b0000000">true</mute>`,
    ],
    [
      'password',
      () => moderation().setPassword('s3cret'),
      `to="${ROOM}"`,
      '<field var="muc#roomconfig_roomsecret"><value>s3cret</value></field><field var="muc#roomconfig_passwordprotectedroom"><value>1</value></field>',
    ],
    [
      'lobby',
      () => moderation().setLobby(true),
      `to="${ROOM}"`,
      '<field var="muc#roomconfig_membersonly"><value>true</value></field></x>',
    ],
  ])('%s', async (_, act, to, payload) => {
    const done = act();
    const request = await stage.answer('<iq');
    expect(request).toContain(to);
    expect(request).toContain(payload);
    await done;
  });

  test('a refusal is told', async () => {
    const refused = expect(moderation().kick('b0000000')).rejects.toMatchObject({
      condition: 'forbidden',
    });
    await stage.answer(
      'muc#admin',
      '<error type="auth"><forbidden xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error>',
      'error',
    );
    await refused;
  });

  test('ending the meeting asks the component', () => {
    moderation().endForAll();
    expect(stage.sent()).toEqual([
      '<message xmlns="jabber:client" to="endconference.meet.jitsi"><end_conference/></message>',
    ]);
  });
});

describe('moderated microphones', () => {
  const on = `{"type":"av_moderation","room":"${ROOM}","enabled":true,"actor":"${ROOM}/b","mediaType":"audio"}`;
  const approved = `{"type":"av_moderation","room":"${ROOM}","approved":true,"mediaType":"audio"}`;

  test('nobody unmutes before being allowed', async () => {
    const told = vi.fn();
    stage.conference.features.avModeration.on('approved', told);
    expect(stage.conference.mayUnmute('audio')).toBe(true);
    await stage.receive(news(on));
    expect(stage.conference.mayUnmute('audio')).toBe(false);
    expect(stage.conference.mayUnmute('video')).toBe(true);
    await stage.receive(news(approved));
    expect(stage.conference.mayUnmute('audio')).toBe(true);
    expect(told).toHaveBeenCalledExactlyOnceWith('audio', false);
    await stage.receive(news(approved.replace('approved', 'removed')));
    expect(stage.conference.mayUnmute('audio')).toBe(false);
    await stage.receive(news(on.replace('"enabled":true', '"enabled":false')));
    expect(stage.conference.mayUnmute('audio')).toBe(true);
  });

  test('only the component says so, and only of our room', async () => {
    await stage.receive(
      news(on, `${ROOM}/b0000000`),
      news(on, 'x.meet.jitsi'),
      news(on.replaceAll(ROOM, 'other@muc.meet.jitsi')),
      news('[]'),
      news('{"type":"av_moderation","mediaType":"audio"}'),
    );
    expect(stage.conference.mayUnmute('audio')).toBe(true);
  });

  test('moderators see who is allowed', async () => {
    const allowed = () => [...stage.conference.features.avModeration.state.get().audio.allowedIds];
    const list = (ids: string) =>
      news(`{"type":"av_moderation","room":"${ROOM}","whitelists":{${ids}},"mediaType":"audio"}`);
    await stage.receive(list(`"audio":["${ROOM}/b0000000",7]`));
    expect(allowed()).toEqual(['b0000000']);
    await stage.receive(list(''));
    expect(allowed()).toEqual([]);
  });
});

describe('being muted', () => {
  const mute = (medium: string) =>
    `<iq xmlns="jabber:client" type="set" id="mu" from="${ROOM}/focus"><mute xmlns="http://jitsi.org/jitmeet/${medium}" jid="${ROOM}/${OWN_ID}" actor="${ROOM}/b0000000">true</mute></iq>`;

  test('a screen is no longer shared', async () => {
    const told = vi.fn();
    stage.conference.on('mutedByModerator', told);
    expect(await stage.screen.share()).toBe('shared');
    await stage.receive(mute('desktop'));
    expect(stage.screen.track.get()).toBeUndefined();
    expect(told).toHaveBeenCalledExactlyOnceWith('desktop', 'b0000000');
  });
});
