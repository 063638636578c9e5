import { ManualClock, SeededRandom } from '@conclave/testkit';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { gone, initiate, OWN_ID, occupant, ROOM, RoomStage, SELF } from '../testing/room-stage.ts';
import { settled } from '../testing/settled.ts';

let clock: ManualClock;
let stage: RoomStage;

beforeEach(() => {
  clock = new ManualClock();
  stage = new RoomStage(clock, new SeededRandom(1));
});

const people = () => stage.conference.participants.get().map(({ id }) => id);
const state = () => stage.conference.state.get();

const condition = (name: string) => `<${name} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>`;

describe('who is there', () => {
  test('lists others without the focus, and tells of those who come and go', async () => {
    const joined = vi.fn();
    const left = vi.fn();
    await stage.join(occupant('b0000000'));
    stage.conference.on('participantJoined', joined);
    stage.conference.on('participantLeft', left);
    await stage.receive(occupant('c0000000'), gone('b0000000'));
    expect(people()).toEqual(['c0000000']);
    expect(joined).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ id: 'c0000000' }));
    expect(left).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ id: 'b0000000' }));
  });

  test('an impostor called focus is a participant like any other, and offers nothing', async () => {
    void stage.conference.join();
    await settled();
    await stage.answerConferenceRequest();
    await stage.receive(
      occupant('focus', '', 'affiliation="none" role="participant" jid="evil@meet.jitsi/x"'),
      SELF,
    );
    stage.sent();
    expect(people()).toEqual(['focus']);
    await stage.receive(initiate('s1', []));
    expect(stage.peerConnections).toEqual([]);
    expect(stage.sent().join()).toContain('session-terminate');
  });

  test('presence of another room changes nothing', async () => {
    await stage.join();
    await stage.receive(occupant('b0000000').replaceAll(ROOM, 'other@muc.meet.jitsi'));
    await stage.receive(occupant('b0000000').replaceAll(ROOM, `${ROOM}x`));
    expect(people()).toEqual([]);
  });

  test('a change of role is seen, our own too', async () => {
    await stage.join(occupant('b0000000'));
    await stage.receive(
      occupant('b0000000', '', 'affiliation="owner" role="moderator"'),
      SELF.replace('role="participant"', 'role="moderator"'),
    );
    expect(stage.conference.participant('b0000000')?.isModerator).toBe(true);
    expect(stage.conference.self.get().isModerator).toBe(true);
  });

  test('says when there is no media server', async () => {
    await stage.join();
    const focus = 'affiliation="owner" role="moderator" jid="focus@auth.meet.jitsi/focus"';
    await stage.receive(
      occupant('focus', '<bridgeNotAvailable xmlns="http://jitsi.org/protocol/focus"/>', focus),
    );
    expect(stage.conference.bridgeAvailable.get()).toBe(false);
    await stage.receive(occupant('focus', '', focus));
    expect(stage.conference.bridgeAvailable.get()).toBe(true);
  });
});

describe('our own presence', () => {
  test('is sent again when something changed, and only then', async () => {
    await stage.join();
    stage.conference.setDisplayName('Ada');
    expect(stage.sent()).toEqual([]);
    stage.conference.setDisplayName('Ada L.');
    stage.conference.setRaisedHand(true);
    const updates = stage.sent();
    expect(updates).toHaveLength(2);
    expect(updates[1]).toContain('>Ada L.</nick>');
    expect(updates[1]).toContain('<jitsi_participant_raisedHand>');
    expect(updates[1]).not.toContain('http://jabber.org/protocol/muc"');
    expect(stage.conference.self.get()).toMatchObject({ displayName: 'Ada L.', raisedHand: true });
  });
});

describe('the end', () => {
  test('leaving waits for the confirmation', async () => {
    await stage.join();
    const done = vi.fn();
    void stage.conference.leave().then(done);
    await settled();
    expect(stage.sent()).toEqual([
      `<presence xmlns="jabber:client" to="${ROOM}/${OWN_ID}" type="unavailable"/>`,
    ]);
    expect(done).not.toHaveBeenCalled();
    await stage.receive(gone(OWN_ID, '<status code="110"/>'));
    expect(done).toHaveBeenCalled();
  });

  test('or five seconds', async () => {
    await stage.join();
    const done = vi.fn();
    void stage.conference.leave().then(done);
    await settled();
    clock.advance(5_000);
    await settled();
    expect(done).toHaveBeenCalled();
  });

  test.each([
    [
      'kicked, by name',
      gone(
        OWN_ID,
        '<item role="none" affiliation="none"><actor nick="b0000000"/><reason>Bye.</reason></item><status code="307"/><status code="110"/>',
      ),
      { type: 'kicked', by: 'Ben', reason: 'Bye.' },
    ],
    [
      'destroyed',
      gone(
        OWN_ID,
        '<item role="none" affiliation="none"/><destroy><reason>Closing time.</reason></destroy><status code="110"/>',
      ),
      { type: 'destroyed', reason: 'Closing time.', nextJid: '' },
    ],
    ['removed without a word', gone(OWN_ID, '<status code="110"/>'), { type: 'conferenceGone' }],
    ['left alone by the focus', gone('focus'), { type: 'conferenceGone' }],
  ])('%s', async (_, text, failure) => {
    await stage.join(
      occupant('b0000000', '<nick xmlns="http://jabber.org/protocol/nick">Ben</nick>'),
    );
    await stage.receive(text);
    expect(state()).toEqual({ type: 'failed', failure });
    expect(people()).toEqual([]);
  });

  test('comes when the session is lost', async () => {
    await stage.join();
    await stage.receive('<close xmlns="urn:ietf:params:xml:ns:xmpp-framing" />');
    expect(state()).toMatchObject({ type: 'failed', failure: { type: 'connectionLost' } });
  });

  test('does not come while the connection is being resumed', async () => {
    await stage.join(occupant('b0000000'));
    stage.connection.dropSocket();
    expect(state()).toEqual({ type: 'joined' });
    expect(people()).toEqual(['b0000000']);
  });
});

describe('talking', () => {
  const message = (type: string, from: string, body: string) =>
    `<message xmlns="jabber:client" type="${type}" from="${ROOM}/${from}" id="m-${body}"><body>${body}</body></message>`;
  const entries = () => stage.conference.chat.entries.get();

  test('messages to all, to one, and from the room', async () => {
    await stage.join(
      occupant('b0000000', '<nick xmlns="http://jabber.org/protocol/nick">Ben</nick>'),
    );
    await stage.receive(
      message('groupchat', 'b0000000', 'hello'),
      message('chat', 'b0000000', 'psst'),
      message('groupchat', OWN_ID, 'echo'),
      `<message xmlns="jabber:client" type="groupchat" from="${ROOM}"><body>notice</body></message>`,
      `<message xmlns="jabber:client" type="groupchat" from="${ROOM}/b0000000"><subject>s</subject></message>`,
    );
    expect(entries()).toMatchObject([
      { type: 'message', fromName: 'Ben', own: false, text: 'hello', privateWith: undefined },
      { type: 'message', fromName: 'Ben', own: false, text: 'psst', privateWith: 'b0000000' },
      { type: 'message', fromId: OWN_ID, own: true, text: 'echo' },
      { type: 'notice', text: 'notice' },
    ]);
  });

  test('a private message is shown at once, a public one when the room sends it back', async () => {
    await stage.join(
      occupant('b0000000', '<nick xmlns="http://jabber.org/protocol/nick">Ben</nick>'),
    );
    stage.conference.sendChat('to all');
    stage.conference.sendChat('to Ben', 'b0000000');
    stage.conference.sendChat('   ');
    expect(stage.sent().map((text) => / to="([^"]*)" type="(\w+)"/.exec(text)?.slice(1))).toEqual([
      [ROOM, 'groupchat'],
      [`${ROOM}/b0000000`, 'chat'],
    ]);
    expect(entries()).toMatchObject([{ text: 'to Ben', own: true, toName: 'Ben' }]);
  });

  test('comings and goings are part of it, but not who was there before us', async () => {
    await stage.join(occupant('b0000000'));
    await stage.receive(occupant('c0000000'), gone('c0000000'), gone('c0000000'));
    expect(entries()).toMatchObject([{ type: 'joined' }, { type: 'left' }]);
  });

  test('a refused message is noticed', async () => {
    await stage.join();
    await stage.receive(
      `<message xmlns="jabber:client" type="error" from="${ROOM}"><error type="cancel">${condition('not-allowed')}<text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas">Not now.</text></error></message>`,
    );
    expect(entries()).toMatchObject([{ type: 'notice', text: 'Not now.' }]);
  });

  test('remembers the last thousand', async () => {
    await stage.join();
    for (let i = 0; i < 1_010; i++) stage.conference.chat.addNotice(`${i}`);
    expect(entries()).toHaveLength(1_000);
    expect(entries()[0]).toMatchObject({ text: '10' });
  });
});

describe('requests of others', () => {
  test('service discovery is answered with our features', async () => {
    await stage.join();
    await stage.receive(
      `<iq xmlns="jabber:client" type="get" id="d" from="${ROOM}/focus"><query xmlns="http://jabber.org/protocol/disco#info" node="n#v"/></iq>`,
    );
    const [reply = ''] = stage.sent();
    expect(reply).toContain('type="result"');
    expect(reply).toContain('node="n#v"');
    expect(reply).toContain('var="http://jitsi.org/source-name"');
    expect(reply).toContain('var="http://jitsi.org/ssrc-rewriting-1"');
  });

  test('an offer of another client is declined', async () => {
    await stage.join(occupant('b0000000'));
    await stage.receive(initiate('p2p', [], 'b0000000'));
    const sent = stage.sent();
    expect(sent[0]).toContain('action="session-terminate"');
    expect(sent[0]).toContain(`to="${ROOM}/b0000000"`);
    expect(sent[0]).toContain('<reason><decline/></reason>');
    expect(sent[1]).toContain('type="result"');
    expect(stage.peerConnections).toEqual([]);
  });

  test('only the focus may mute us', async () => {
    await stage.join(occupant('b0000000'));
    const muted = vi.fn();
    stage.conference.on('mutedByModerator', muted);
    await stage.localMedia.setMuted('audio', false);
    const mute = (from: string) =>
      `<iq xmlns="jabber:client" type="set" id="m" from="${ROOM}/${from}"><mute xmlns="http://jitsi.org/jitmeet/audio" actor="${ROOM}/b0000000">true</mute></iq>`;
    await stage.receive(mute('b0000000'));
    expect(muted).not.toHaveBeenCalled();
    await stage.receive(mute('focus'));
    expect(muted).toHaveBeenCalledExactlyOnceWith('audio', 'b0000000');
    expect(stage.localMedia.audio.get().muted).toBe(true);
  });
});
