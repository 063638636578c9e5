/**
 * Who may do what in a room: each privileged or forgeable stanza, sent by people of every standing. What is
 * refused must leave no trace with anybody else.
 */
import { describe, expect, test } from 'vitest';
import { XMPP_FEATURES } from '../../options.ts';
import { ScriptRun } from '../../script-runner/run-script.ts';

const ROOM = 'daily@muc.meet.jitsi';
const ADMIN = 'xmlns="http://jabber.org/protocol/muc#admin"';
const OWNER = 'xmlns="http://jabber.org/protocol/muc#owner"';
const GRANT =
  'focus sends: <iq xmlns="jabber:client" type="set" id="g" from="focus@auth.meet.jitsi/focus"';

const adminSet = (by: string, item: string, to = ROOM) =>
  `${by} sends: <iq xmlns="jabber:client" type="set" id="x" to="${to}"><query ${ADMIN}>${item}</query></iq>`;
const focusSet = (item: string, to = ROOM) =>
  `${GRANT} to="${to}"><query ${ADMIN}>${item}</query></iq>`;

/** The first update of breakout rooms: `{breakout}` is the node of the new one. */
const PERSON = (name: string, role: string) =>
  `"${ROOM}/{${name}.id}":{"jid":"{${name}.jid}","role":"${role}"}`;
const UPDATE =
  '{"type":"breakout_rooms","event":"features/breakout-rooms/update","roomCounter":1,"rooms":{' +
  `"daily":{"id":"daily","jid":"${ROOM}","name":"daily","isMainRoom":true,"participants":{` +
  `${PERSON('ada', 'moderator')},${PERSON('ben', 'participant')},${PERSON('eve', 'participant')}}},` +
  '"{breakout}":{"id":"{breakout}","jid":"{breakout}@breakout.meet.jitsi","name":"A","participants":{}}}}';

/** What `eve` has been through. */
const STANDINGS = {
  guest: [],
  participant: ['eve enters daily'],
  member: ['eve enters daily', focusSet('<item affiliation="member" jid="{eve.bare}"/>')],
  visitor: ['eve enters daily', adminSet('ada', '<item nick="{eve.id}" role="visitor"/>')],
  moderator: ['eve enters daily', focusSet('<item affiliation="owner" jid="{eve.bare}"/>')],
  former: [
    'eve enters daily',
    focusSet('<item affiliation="owner" jid="{eve.bare}"/>'),
    focusSet('<item affiliation="none" jid="{eve.bare}"/>'),
  ],
  left: [
    'eve enters daily',
    `eve sends: <presence xmlns="jabber:client" type="unavailable" to="${ROOM}/{eve.id}"/>`,
  ],
  kicked: ['eve enters daily', adminSet('ada', '<item nick="{eve.id}" role="none"/>')],
  banned: ['eve enters daily', adminSet('ada', '<item jid="{eve.bare}" affiliation="outcast"/>')],
  elsewhere: [
    `focus sends: <presence xmlns="jabber:client" from="focus@auth.meet.jitsi/focus" to="other@muc.meet.jitsi/focus"><x xmlns="http://jabber.org/protocol/muc"/></presence>`,
    'eve enters other',
    focusSet('<item affiliation="owner" jid="{eve.bare}"/>', 'other@muc.meet.jitsi'),
  ],
  'lobby member': [
    `ada sends: <iq xmlns="jabber:client" type="set" id="x" to="${ROOM}"><query ${OWNER}><x xmlns="jabber:x:data" type="submit"><field var="muc#roomconfig_membersonly"><value>1</value></field></x></query></iq>`,
    'eve sends: <presence xmlns="jabber:client" to="daily@lobby.meet.jitsi/{eve.id}"><x xmlns="http://jabber.org/protocol/muc"/></presence>',
  ],
  // Enters when the room is full: sees all, is seen by nobody.
  'looking on': ['eve enters daily'],
  'in a breakout room': [
    'eve enters daily',
    `ada sends: <message xmlns="jabber:client" to="breakout.meet.jitsi"><breakout_rooms type="features/breakout-rooms/add" subject="A"/></message>`,
    'eve forgets',
    'after 300 ms',
    `eve receives: <message><json-message xmlns="http://jitsi.org/jitmeet">${UPDATE}</json-message></message>`,
    `eve sends: <presence xmlns="jabber:client" type="unavailable" to="${ROOM}/{eve.id}"/>`,
    `focus sends: <presence xmlns="jabber:client" from="focus@auth.meet.jitsi/focus" to="{breakout}@breakout.meet.jitsi/focus"><x xmlns="http://jabber.org/protocol/muc"/></presence>`,
    'eve sends: <presence xmlns="jabber:client" to="{breakout}@breakout.meet.jitsi/{eve.id}"><x xmlns="http://jabber.org/protocol/muc"/></presence>',
    'after 1 s',
  ],
} as const;
type Standing = keyof typeof STANDINGS;

const MODERATOR: readonly Standing[] = ['moderator'];
const INSIDE: readonly Standing[] = ['participant', 'member', 'visitor', 'moderator', 'former'];
const VOICED: readonly Standing[] = ['participant', 'member', 'moderator', 'former'];
/** Those, and who looks on: people of the room as far as it is theirs alone. */
const PRESENT: readonly Standing[] = [...INSIDE, 'looking on'];
const NOBODY: readonly Standing[] = [];

interface Action {
  readonly name: string;
  readonly stanza: string;
  /** Whether success shows in a result for the sender, or in what others get. */
  readonly shows: 'result' | 'others';
  readonly allowed: readonly Standing[];
}

const iq = (
  name: string,
  allowed: readonly Standing[],
  payload: string,
  type: 'get' | 'set' = 'set',
): Action => ({
  name,
  allowed,
  shows: 'result',
  stanza: `<iq xmlns="jabber:client" type="${type}" id="x" to="${ROOM}">${payload}</iq>`,
});
const admin = (name: string, allowed: readonly Standing[], items: string, type?: 'get' | 'set') =>
  iq(name, allowed, `<query ${ADMIN}>${items}</query>`, type);
const other = (name: string, allowed: readonly Standing[], stanza: string): Action => ({
  name,
  allowed,
  shows: 'others',
  stanza: stanza.replace(/^<(\w+)/, '<$1 xmlns="jabber:client"'),
});
const field = (name: string, value: string) =>
  `<field var="${name}"><value>${value}</value></field>`;
const submit = (fields: string) =>
  `<query ${OWNER}><x xmlns="jabber:x:data" type="submit">` +
  `${field('FORM_TYPE', 'http://jabber.org/protocol/muc#roomconfig')}${fields}</x></query>`;
const groupchat = (children: string) =>
  `<message type="groupchat" id="x" to="${ROOM}">${children}</message>`;

const ACTIONS: readonly Action[] = [
  admin('kick', MODERATOR, '<item nick="{ben.id}" role="none"/>'),
  admin('kick the focus', NOBODY, '<item nick="focus" role="none"/>'),
  admin('take voice', MODERATOR, '<item nick="{ben.id}" role="visitor"/>'),
  admin('give a moderator role', MODERATOR, '<item nick="{ben.id}" role="moderator"/>'),
  admin('take an owner its role', NOBODY, '<item nick="{ada.id}" role="participant"/>'),
  admin('ban by JID', MODERATOR, '<item jid="{ben.bare}" affiliation="outcast"/>'),
  admin('ban by nick', MODERATOR, '<item nick="{ben.id}" affiliation="outcast"/>'),
  admin('ban the focus', NOBODY, '<item jid="focus@auth.meet.jitsi" affiliation="outcast"/>'),
  admin('make somebody owner', MODERATOR, '<item jid="{ben.bare}" affiliation="owner"/>'),
  admin('make oneself owner', MODERATOR, '<item jid="{eve.bare}" affiliation="owner"/>'),
  admin(
    'make oneself member',
    ['member', 'moderator'],
    '<item jid="{eve.bare}" affiliation="member"/>',
  ),
  admin('make somebody member', MODERATOR, '<item jid="{ben.bare}" affiliation="member"/>'),
  admin('take ownership away', MODERATOR, '<item jid="{ada.bare}" affiliation="none"/>'),
  admin(
    'hide a forbidden item among harmless ones',
    NOBODY,
    '<item jid="{eve.bare}" affiliation="none"/><item nick="focus" role="none"/>',
  ),
  admin('an affiliation nobody knows', NOBODY, '<item jid="{ben.bare}" affiliation="king"/>'),
  admin('read the ban list', MODERATOR, '<item affiliation="outcast"/>', 'get'),
  admin('read the owner list', MODERATOR, '<item affiliation="owner"/>', 'get'),
  admin('read the member list', MODERATOR, '<item affiliation="member"/>', 'get'),
  admin('read the moderator list', MODERATOR, '<item role="moderator"/>', 'get'),
  iq('read the configuration', MODERATOR, `<query ${OWNER}/>`, 'get'),
  iq('set a password', MODERATOR, submit(field('muc#roomconfig_roomsecret', 'sesame'))),
  iq('make the room anonymous', NOBODY, submit(field('muc#roomconfig_whois', 'moderators'))),
  iq('destroy', MODERATOR, `<query ${OWNER}><destroy/></query>`),
  iq(
    'read the room information',
    PRESENT,
    '<query xmlns="http://jabber.org/protocol/disco#info"/>',
    'get',
  ),
  iq('list who is in', PRESENT, '<query xmlns="http://jabber.org/protocol/disco#items"/>', 'get'),
  iq('a payload nobody knows', NOBODY, '<query xmlns="urn:example:unknown"/>', 'get'),
  other('groupchat', [...VOICED, 'looking on'], groupchat('<body>hello</body>')),
  other('set the subject', MODERATOR, groupchat('<subject>mine</subject>')),
  other(
    'a message in the name of another',
    NOBODY,
    groupchat('<body>x</body>').replace('<message', '<message from="{ada.jid}"'),
  ),
  other(
    'a message in the name of the room',
    NOBODY,
    groupchat('<body>x</body>').replace('<message', `<message from="${ROOM}"`),
  ),
  other(
    'a transcript',
    NOBODY,
    groupchat(
      '<json-message xmlns="http://jitsi.org/jitmeet">{"type":"transcription-result"}</json-message>',
    ),
  ),
  other(
    'take back a message of another',
    MODERATOR,
    groupchat('<retract xmlns="urn:xmpp:message-retract:1" id="said"/>'),
  ),
  other(
    'private message',
    INSIDE,
    `<message type="chat" id="x" to="${ROOM}/{ben.id}"><body>psst</body></message>`,
  ),
  other(
    'private message to nobody',
    NOBODY,
    `<message type="chat" id="x" to="${ROOM}/nobody"><body>psst</body></message>`,
  ),
  other(
    'a message past the room',
    NOBODY,
    '<message type="chat" id="x" to="{ben.jid}"><body>psst</body></message>',
  ),
  other('presence past the room', NOBODY, '<presence to="{ben.jid}"/>'),
  other('presence to the focus', NOBODY, '<presence to="focus@auth.meet.jitsi/focus"/>'),
  other(
    'an iq past the room',
    NOBODY,
    '<iq type="get" id="x" to="{ben.jid}"><query xmlns="jabber:iq:version"/></iq>',
  ),
  other(
    'an iq to an occupant',
    INSIDE,
    `<iq type="get" id="x" to="${ROOM}/{ben.id}"><query xmlns="jabber:iq:version"/></iq>`,
  ),
  other(
    'an iq to the focus in the room',
    PRESENT,
    `<iq type="set" id="x" to="${ROOM}/focus"><jingle xmlns="urn:xmpp:jingle:1"/></iq>`,
  ),
  other(
    'take the nick of another',
    NOBODY,
    `<presence to="${ROOM}/{ben.id}"><x xmlns="http://jabber.org/protocol/muc"/></presence>`,
  ),
  other(
    'take the nick of the focus',
    NOBODY,
    `<presence to="${ROOM}/focus"><x xmlns="http://jabber.org/protocol/muc"/></presence>`,
  ),
  other(
    'update the own presence',
    PRESENT,
    `<presence to="${ROOM}/{eve.id}"><status>away</status></presence>`,
  ),
];

const command = (name: string, allowed: readonly Standing[], label: string, payload: string) =>
  other(name, allowed, `<message to="${label}.meet.jitsi">${payload}</message>`);
const json = (payload: object) =>
  `<json-message xmlns="http://jitsi.org/jitmeet">${JSON.stringify(payload).replaceAll('"', '&quot;')}</json-message>`;

/** What the features of rooms do for people; where nobody is moderator of the room the command means nothing. */
const COMMANDS: readonly Action[] = [
  command(
    'make a breakout room',
    MODERATOR,
    'breakout',
    '<breakout_rooms type="features/breakout-rooms/add"/>',
  ),
  command(
    'moderate microphones',
    MODERATOR,
    'avmoderation',
    '<av_moderation enable="true" mediaType="audio"/>',
  ),
  command(
    'ask somebody to unmute',
    MODERATOR,
    'avmoderation',
    `<av_moderation jidToWhitelist="${ROOM}/{ben.id}" mediaType="audio"/>`,
  ),
  command(
    'change what is agreed on',
    MODERATOR,
    'metadata',
    `<room_metadata xmlns="http://jitsi.org/jitmeet" room="${ROOM}">{"type":"room_metadata","key":"recording","data":{"x":1}}</room_metadata>`,
  ),
  command(
    'change what only the server says',
    NOBODY,
    'metadata',
    `<room_metadata xmlns="http://jitsi.org/jitmeet" room="${ROOM}">{"type":"room_metadata","key":"moderators","data":["eve"]}</room_metadata>`,
  ),
  command('end the meeting', MODERATOR, 'endconference', '<end_conference/>'),
  command(
    'ask a poll',
    VOICED,
    'polls',
    json({
      type: 'polls',
      command: 'new-poll',
      pollId: 'p',
      question: '?',
      answers: [{ name: 'a' }],
    }),
  ),
  command(
    'answer a poll',
    VOICED,
    'polls',
    json({ type: 'polls', command: 'answer-poll', pollId: 'asked', answers: [true] }),
  ),
  other(
    'react to a message',
    VOICED,
    groupchat(
      '<reactions xmlns="urn:xmpp:reactions:0" id="said"><reaction>x</reaction></reactions>',
    ),
  ),
  other(
    'react for all to see',
    VOICED,
    groupchat(json({ type: 'reactions', reactions: ['like'] })),
  ),
  other(
    'let somebody in from the lobby',
    NOBODY,
    `<message to="${ROOM}"><x xmlns="http://jabber.org/protocol/muc#user"><invite to="{ben.jid}"/></x></message>`,
  ),
  other(
    'pretend that somebody asks to take part',
    NOBODY,
    `<message to="{ada.jid}">${json({ type: 'visitors', action: 'promotion-request' })}</message>`,
  ),
  other(
    'write to those who wait',
    NOBODY,
    '<message type="groupchat" to="daily@lobby.meet.jitsi"><body>x</body></message>',
  ),
];

function prepare(standing: Standing): ScriptRun {
  const limits: Record<string, number> = standing === 'looking on' ? { maxParticipants: 2 } : {};
  const run = new ScriptRun({
    options: { features: XMPP_FEATURES.filter((name) => name !== 'wait-for-host') },
    limits,
  });
  for (const step of [
    'focus joins daily',
    'ada logs in',
    'ben logs in',
    'eve logs in',
    'ada enters daily',
    focusSet('<item affiliation="owner" jid="{ada.bare}"/>'),
    'ben enters daily',
    `ben sends: <message xmlns="jabber:client" type="groupchat" id="said" to="${ROOM}"><body>I said</body></message>`,
    `ada sends: <message xmlns="jabber:client" to="polls.meet.jitsi">${json({ type: 'polls', command: 'new-poll', pollId: 'asked', question: '?', answers: [{ name: 'a' }] })}</message>`,
    ...STANDINGS[standing],
    ...['focus', 'ada', 'ben', 'eve'].map((name) => `${name} forgets`),
  ]) {
    run.step(step);
  }
  return run;
}

describe.each([...ACTIONS, ...COMMANDS])('$name', ({ stanza, shows, allowed }) => {
  test.each(Object.keys(STANDINGS) as Standing[])('by %s', (standing) => {
    const run = prepare(standing);
    run.step(`eve sends: ${stanza}`);
    // Forging a sender costs the connection (RFC 6120 §8.1.2.1); that one leaves is then all others see.
    const isExpelled = run.inboxOf('eve').some((frame) => frame.includes('<invalid-from'));
    const seenByOthers = ['ada', 'ben', 'focus']
      .flatMap((name) => run.inboxOf(name))
      .filter((frame) => !(isExpelled && frame.includes('type="unavailable"')))
      // What a moderator of another room does there is seen by the focus, which is in both.
      .filter((frame) => !frame.includes('other@muc.meet.jitsi'));
    const gotResult = run.inboxOf('eve').some((frame) => / type="result"/.test(frame));
    if (allowed.includes(standing)) {
      if (shows === 'result') expect(gotResult).toBe(true);
      else expect(seenByOthers).not.toEqual([]);
    } else {
      expect(seenByOthers).toEqual([]);
      expect(gotResult).toBe(false);
    }
    expect(run.core.core.metrics.internalErrors).toBe(0);
  });
});

test('what a client says about its own standing is not passed on', () => {
  const run = prepare('participant');
  run.step(
    `eve sends: <presence xmlns="jabber:client" to="${ROOM}/{eve.id}"><permissions xmlns="http://jitsi.org/jitmeet"/>` +
      '<identity><user><id>root</id></user></identity>' +
      '<x xmlns="http://jabber.org/protocol/muc#user"><item affiliation="owner" role="moderator"/></x></presence>',
  );
  const [seen = ''] = run.inboxOf('ben');
  expect(seen).toContain('role="participant"');
  expect(seen).not.toMatch(/role="moderator"|root/);
});
