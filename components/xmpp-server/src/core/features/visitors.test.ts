/** Whom the focus is to send to the visitor node: those who would look on in any case. */
import { Jid } from '@conclave/protocols/xmpp';
import { describe, expect, test } from 'vitest';
import { ScriptRun } from '../../script-runner/run-script.ts';

const ROOM = 'daily@muc.meet.jitsi';
const OWNER_FORM =
  '<query xmlns="http://jabber.org/protocol/muc#owner"><x xmlns="jabber:x:data" type="submit"><field var="muc#roomconfig_membersonly"><value>1</value></field></x></query>';

/** A room for one, with a moderator in it. */
function fullRoom(): ScriptRun {
  const run = new ScriptRun({
    options: {
      features: ['visitors', 'lobby'],
      roomStore: 'memory',
      tokens: {
        host: { moderator: true },
        kept: { user: { id: 'u1' } },
        guest: { guest: true },
      },
    },
    limits: { maxParticipants: 1 },
  });
  for (const step of ['focus enters daily', 'ada logs in with token=host', 'ada enters daily']) {
    run.step(step);
  }
  return run;
}

function isExpected(run: ScriptRun, room = ROOM): boolean {
  const [node = '', domain = ''] = room.split('@');
  const session = [...run.core.sessions.sessions()].at(-1);
  const { nowMs, wallMs } = run.core.core;
  return run.core.expectsVisitor(new Jid(node, domain), session?.jid.full ?? '', { nowMs, wallMs });
}

describe('a room that is full expects as a visitor', () => {
  test('a guest', () => {
    const run = fullRoom();
    run.step('eve logs in with token=guest');
    expect(isExpected(run)).toBe(true);
    expect(isExpected(run, 'other@muc.meet.jitsi')).toBe(false);
  });

  test('nobody who leads by the login', () => {
    const run = fullRoom();
    run.step('eve logs in with token=host');
    expect(isExpected(run)).toBe(false);
  });

  test('nobody who leads because the room was kept so', () => {
    const run = fullRoom();
    run.step(
      `administrator keep ["${ROOM}",{"hasLobby":false,"moderators":["token:u1"]}] is "done"`,
    );
    run.step('eve logs in with token=kept');
    expect(isExpected(run)).toBe(false);
  });

  test('nobody while there is a lobby', () => {
    const run = fullRoom();
    run.step(
      `ada sends: <iq xmlns="jabber:client" type="set" id="o" to="${ROOM}">${OWNER_FORM}</iq>`,
    );
    run.step('eve logs in with token=guest');
    expect(isExpected(run)).toBe(false);
  });

  test('nobody any more when somebody has left', () => {
    const run = fullRoom();
    run.step('ben logs in with token=host');
    run.step('ben enters daily');
    const leave = 'type="unavailable" to="daily@muc.meet.jitsi';
    run.step(`ada sends: <presence xmlns="jabber:client" ${leave}/{ada.id}"/>`);
    run.step('eve logs in with token=guest');
    expect(isExpected(run)).toBe(true);
    run.step(`ben sends: <presence xmlns="jabber:client" ${leave}/{ben.id}"/>`);
    expect(isExpected(run)).toBe(false);
  });
});
