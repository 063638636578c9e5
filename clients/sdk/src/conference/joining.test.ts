import { ManualClock, SeededRandom } from '@conclave/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { OWN_ID, ROOM, RoomStage, SELF } from '../testing/room-stage.ts';
import { settled } from '../testing/settled.ts';

let clock: ManualClock;
let stage: RoomStage;

beforeEach(() => {
  clock = new ManualClock();
  stage = new RoomStage(clock, new SeededRandom(1));
});

const state = () => stage.conference.state.get();

async function attempt(...answers: string[]): Promise<void> {
  void stage.conference.join();
  await settled();
  await stage.answerConferenceRequest();
  await stage.receive(...answers);
}

const error = (type: string, inner: string) =>
  `<presence xmlns="jabber:client" type="error" from="${ROOM}/${OWN_ID}"><error type="${type}">${inner}</error></presence>`;
const condition = (name: string) => `<${name} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>`;
const LOBBY_ROOM = '<lobbyroom xmlns="http://jitsi.org/jitmeet">daily@lobby.meet.jitsi</lobbyroom>';

describe('joining', () => {
  test('asks the focus first, then sends presence with all that others need', async () => {
    void stage.conference.join();
    await settled();
    const request = await stage.answerConferenceRequest();
    expect(request).toContain('to="focus.meet.jitsi"');
    expect(request).toContain(`room="${ROOM}"`);
    const [presence = ''] = stage.sent();
    expect(presence).toContain(`to="${ROOM}/${OWN_ID}"`);
    expect(presence).toContain('<x xmlns="http://jabber.org/protocol/muc"/>');
    expect(presence).toContain('<nick xmlns="http://jabber.org/protocol/nick">Ada</nick>');
    expect(presence).toMatch(/<SourceInfo>.*a1b2c3d4-a0.*muted.*true.*<\/SourceInfo>/);
    expect(presence).toContain('<jitsi_participant_codecList>vp8<');
    expect(presence).toMatch(
      /<c xmlns="http:\/\/jabber.org\/protocol\/caps" hash="sha-1" .*ver="[\w+/]{27}="/,
    );
    expect(state()).toEqual({ type: 'joining' });
    await stage.receive(SELF);
    expect(state()).toEqual({ type: 'joined' });
  });

  test('waits while the focus is not ready, with growing pauses', async () => {
    void stage.conference.join();
    await settled();
    for (const pauseMs of [1_000, 2_000, 4_000]) {
      await stage.answerConferenceRequest('false');
      clock.advance(pauseMs - 1);
      await settled();
      expect(stage.sent()).toEqual([]);
      clock.advance(1);
      await settled();
    }
    await stage.answerConferenceRequest();
    await stage.receive(SELF);
    expect(state()).toEqual({ type: 'joined' });
  });

  test('is given up when we leave meanwhile', async () => {
    void stage.conference.join();
    await settled();
    await stage.answerConferenceRequest('false');
    void stage.conference.leave();
    await settled();
    clock.advance(60_000);
    await settled();
    expect(stage.sent().filter((text) => text.includes('<conference'))).toEqual([]);
    expect(state()).toEqual({ type: 'left' });
  });

  test.each([
    [
      'a password',
      error('auth', condition('not-authorized')),
      { type: 'passwordRequired', wasWrong: false },
    ],
    ['a full room', error('cancel', condition('service-unavailable')), { type: 'roomFull' }],
    [
      'a lobby',
      error('auth', `${condition('registration-required')}${LOBBY_ROOM}`),
      {
        type: 'membersOnly',
        lobbyJid: 'daily@lobby.meet.jitsi',
        waitingForHost: false,
        passwordWasWrong: false,
      },
    ],
    [
      'a host who is not there yet',
      error(
        'auth',
        `${condition('registration-required')}<waiting-for-host xmlns="http://jitsi.org/jitmeet"/>${LOBBY_ROOM}`,
      ),
      {
        type: 'membersOnly',
        lobbyJid: 'daily@lobby.meet.jitsi',
        waitingForHost: true,
        passwordWasWrong: false,
      },
    ],
    [
      'a lobby without a place to wait',
      error('auth', condition('registration-required')),
      { type: 'notAllowed', text: '' },
    ],
    [
      'a lobby that wants a name',
      error(
        'modify',
        `${condition('not-acceptable')}<displayname-required xmlns="http://jitsi.org/jitmeet" lobby="true"/>`,
      ),
      { type: 'displayNameRequired' },
    ],
    [
      'a room for people with accounts',
      error(
        'cancel',
        `${condition('not-allowed')}<authentication-required xmlns="http://jitsi.org/jitmeet"/>`,
      ),
      { type: 'authenticationRequired' },
    ],
    ['a name that is taken', error('cancel', condition('conflict')), { type: 'nickConflict' }],
    ['a refusal', error('cancel', condition('not-allowed')), { type: 'notAllowed', text: '' }],
    [
      'a room that has just gone',
      error(
        'cancel',
        `${condition('not-allowed')}<room-does-not-exist xmlns="http://jitsi.org/jitmeet"/>`,
      ),
      { type: 'conferenceGone' },
    ],
    [
      'anything else',
      error('wait', condition('resource-constraint')),
      { type: 'requestFailed', condition: 'resource-constraint', text: '' },
    ],
  ])('fails at %s', async (_, answer, failure) => {
    await attempt(answer);
    expect(state()).toEqual({ type: 'failed', failure });
  });

  test('tries again with a password, and says when it was wrong', async () => {
    const refused = error('auth', condition('not-authorized'));
    await attempt(refused);
    stage.sent();
    void stage.conference.join('sesame');
    await settled();
    await stage.answerConferenceRequest();
    expect(stage.sent()[0]).toContain('<password>sesame</password>');
    await stage.receive(refused);
    expect(state()).toMatchObject({ failure: { type: 'passwordRequired', wasWrong: true } });
    void stage.conference.join('open sesame');
    await settled();
    await stage.answerConferenceRequest();
    await stage.receive(SELF);
    expect(state()).toEqual({ type: 'joined' });
  });

  test('fails when the focus refuses', async () => {
    void stage.conference.join();
    await settled();
    await stage.answer(
      '<conference',
      `<error type="auth">${condition('forbidden')}</error>`,
      'error',
    );
    expect(state()).toEqual({
      type: 'failed',
      failure: { type: 'requestFailed', condition: 'forbidden', text: '' },
    });
  });
});
