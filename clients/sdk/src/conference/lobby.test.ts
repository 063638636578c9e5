/** Both sides of the lobby, word by word. */
import { ManualClock, SeededRandom } from '@conclave/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { OWN_ID, ROOM, RoomStage, SELF } from '../testing/room-stage.ts';
import { settled } from '../testing/settled.ts';
import { OWN_JID } from '../testing/sign-on.ts';

const LOBBY = 'daily@lobby.meet.jitsi';
const MUC_USER = 'http://jabber.org/protocol/muc#user';
const MODERATOR = SELF.replace('role="participant"', 'role="moderator"');
const ROOM_INFO = `<query xmlns="http://jabber.org/protocol/disco#info"><feature var="muc_membersonly"/><x xmlns="jabber:x:data" type="result"><field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#roominfo</value></field><field var="muc#roominfo_lobbyroom"><value>${LOBBY}</value></field></x></query>`;

let stage: RoomStage;
beforeEach(() => {
  stage = new RoomStage(new ManualClock(), new SeededRandom(1));
});

const state = () => stage.conference.state.get();

function fromLobby(id: string, inner: string, type = ''): string {
  const attribute = type === '' ? '' : ` type="${type}"`;
  return `<presence xmlns="jabber:client"${attribute} from="${LOBBY}/${id}" to="${OWN_JID}">${inner}</presence>`;
}

const waiting = (id: string, name: string) =>
  fromLobby(
    id,
    `<nick xmlns="http://jabber.org/protocol/nick">${name}</nick><x xmlns="${MUC_USER}"><item affiliation="none" role="participant" jid="${id}@meet.jitsi/r"/></x>`,
  );

const REFUSED = `<presence xmlns="jabber:client" type="error" from="${ROOM}/${OWN_ID}"><error type="auth"><registration-required xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/><lobbyroom xmlns="http://jitsi.org/jitmeet">${LOBBY}</lobbyroom></error></presence>`;

/** Refused, then at the door. */
async function knock(): Promise<void> {
  void stage.conference.join();
  await settled();
  await stage.answerConferenceRequest();
  await stage.receive(REFUSED);
  stage.sent();
  stage.conference.knock();
}

describe('knocking', () => {
  test('enters the lobby under our name and waits', async () => {
    await knock();
    expect(state()).toMatchObject({ type: 'knocking', waitingForHost: false });
    const [presence = ''] = stage.sent();
    expect(presence).toContain(`to="${LOBBY}/${OWN_ID}"`);
    expect(presence).toContain('<nick xmlns="http://jabber.org/protocol/nick">Ada</nick>');
  });

  test('an invitation of the room lets us in, and we leave the lobby', async () => {
    await knock();
    stage.sent();
    await stage.receive(
      `<message xmlns="jabber:client" from="${ROOM}" to="${OWN_JID}"><x xmlns="${MUC_USER}"><invite from="x@meet.jitsi/r"/><password>s3cret</password></x></message>`,
    );
    await stage.answerConferenceRequest();
    expect(stage.sent().find((text) => text.startsWith('<presence'))).toContain(
      '<password>s3cret</password>',
    );
    await stage.receive(SELF);
    expect(state()).toEqual({ type: 'joined' });
    const goodbye = stage.sent().find((text) => text.includes('unavailable'));
    expect(goodbye).toContain(`to="${LOBBY}/${OWN_ID}"`);
  });

  test('an invitation by somebody else is none', async () => {
    await knock();
    await stage.receive(
      `<message xmlns="jabber:client" from="${ROOM}/b0000000"><x xmlns="${MUC_USER}"><invite/></x></message>`,
      `<message xmlns="jabber:client" from="${LOBBY}/b0000000"><x xmlns="${MUC_USER}"><invite/></x></message>`,
    );
    expect(state().type).toBe('knocking');
  });

  test.each([
    [
      'being sent away is a denial',
      '<status code="307"/><status code="110"/>',
      { type: 'failed', failure: { type: 'denied' } },
    ],
    [
      'the end of the meeting ends the wait',
      '<destroy><reason>over</reason></destroy>',
      { type: 'failed', failure: { type: 'destroyed', reason: 'over', nextJid: '' } },
    ],
    [
      'an opened door is walked through',
      `<destroy jid="${ROOM}"><reason>Lobby room closed.</reason></destroy>`,
      { type: 'joining' },
    ],
  ])('%s', async (_, inner, expected) => {
    await knock();
    await stage.receive(fromLobby(OWN_ID, `<x xmlns="${MUC_USER}">${inner}</x>`, 'unavailable'));
    expect(state()).toEqual(expected);
  });

  test('a lobby that is gone sends us to the room again', async () => {
    await knock();
    await stage.receive(fromLobby(OWN_ID, '<error type="cancel"/>', 'error'));
    expect(state()).toEqual({ type: 'joining' });
  });

  test('a lobby that is full is told as such', async () => {
    await knock();
    const stanzas = 'xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"';
    const error = `<error type="wait"><resource-constraint ${stanzas}/><text ${stanzas}>Later.</text></error>`;
    await stage.receive(fromLobby(OWN_ID, error, 'error'));
    expect(state()).toEqual({
      type: 'failed',
      failure: { type: 'requestFailed', condition: 'resource-constraint', text: 'Later.' },
    });
  });

  test('leaving leaves the lobby', async () => {
    await knock();
    stage.sent();
    await stage.conference.leave();
    expect(stage.sent()).toEqual([
      `<presence xmlns="jabber:client" to="${LOBBY}/${OWN_ID}" type="unavailable"/>`,
    ]);
  });

  test('a password is tried from outside, and a wrong one is told', async () => {
    await knock();
    void stage.conference.join('guess');
    await settled();
    await stage.answerConferenceRequest();
    await stage.receive(REFUSED);
    expect(state()).toMatchObject({ failure: { type: 'membersOnly', passwordWasWrong: true } });
  });

  test('what is written goes to the moderators, and their answers come back', async () => {
    await knock();
    stage.sent();
    const current = state();
    if (current.type !== 'knocking') throw new Error('not knocking');
    current.visit.say(' It is me, Ada ');
    const [message = ''] = stage.sent();
    expect(message).toContain(`to="${LOBBY}" type="groupchat"`);
    expect(message).toContain('It is me, Ada');
    const json = '{"type":"LOBBY_CHAT_MESSAGE","message":"One moment"}'.replaceAll('"', '&quot;');
    await stage.receive(
      `<message xmlns="jabber:client" type="chat" from="${LOBBY}/b0000000"><json-message xmlns="http://jitsi.org/jitmeet">${json}</json-message></message>`,
    );
    expect(current.visit.messages.get()).toEqual([
      { own: true, text: 'It is me, Ada' },
      { own: false, text: 'One moment' },
    ]);
  });
});

describe('at the door', () => {
  const { desk, names } = {
    desk: () => stage.conference.features.lobbyDesk,
    names: () => stage.conference.features.lobbyDesk.knockers.get().map((k) => k.displayName),
  };

  async function openDesk(): Promise<void> {
    void stage.conference.join();
    await settled();
    await stage.answerConferenceRequest();
    await stage.receive(MODERATOR);
    await stage.answer('disco#info', ROOM_INFO);
  }

  test('a moderator enters the lobby when there is one, and sees who waits', async () => {
    await openDesk();
    expect(stage.sent().join()).toContain(`to="${LOBBY}/${OWN_ID}"`);
    await stage.receive(
      waiting('e0000000', 'Eve'),
      waiting('f0000000', 'Fay'),
      waiting('e0000000', 'Eve B.'),
      fromLobby(
        'm0000000',
        `<x xmlns="${MUC_USER}"><item affiliation="owner" role="moderator" jid="m@meet.jitsi/r"/></x>`,
      ),
    );
    expect(names()).toEqual(['Eve B.', 'Fay']);
    await stage.receive(fromLobby('e0000000', '', 'unavailable'));
    expect(names()).toEqual(['Fay']);
  });

  test('others do not', async () => {
    await stage.join();
    stage.conference.features.roomInfo.read();
    await stage.answer('disco#info', ROOM_INFO);
    expect(stage.sent()).toEqual([]);
    await stage.receive(waiting('e0000000', 'Eve'));
    expect(names()).toEqual([]);
  });

  test('admits several with one message to the room', async () => {
    await openDesk();
    await stage.receive(waiting('e0000000', 'Eve'), waiting('f0000000', 'Fay'));
    stage.sent();
    desk().admit(['e0000000', 'f0000000', 'nobody']);
    expect(stage.sent()).toEqual([
      `<message xmlns="jabber:client" to="${ROOM}"><x xmlns="${MUC_USER}"><invite to="e0000000@meet.jitsi/r"/><invite to="f0000000@meet.jitsi/r"/></x></message>`,
    ]);
    expect(names()).toEqual([]);
  });

  test('denies by removing from the lobby; who the server keeps stays on the list', async () => {
    await openDesk();
    await stage.receive(waiting('e0000000', 'Eve'));
    const denial = desk().deny('e0000000');
    const request = await stage.answer('muc#admin');
    expect(request).toContain(`to="${LOBBY}"`);
    expect(request).toContain('<item nick="e0000000" role="none"/>');
    await denial;
    expect(names()).toEqual([]);

    await stage.receive(waiting('f0000000', 'Fay'));
    const refused = expect(desk().deny('f0000000')).rejects.toThrow(/SDK_|failed/);
    await stage.answer('muc#admin', '<error type="auth"/>', 'error');
    await refused;
    expect(names()).toEqual(['Fay']);
  });
});
