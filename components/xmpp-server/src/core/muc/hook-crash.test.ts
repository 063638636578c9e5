/** A module that throws, at whichever hook, harms the room it throws in and no other. */
import { describe, expect, test } from 'vitest';
import { ScriptRun } from '../../script-runner/run-script.ts';
import type { Hook } from './hook.ts';
import { MucHooks } from './hooks.ts';

const OWNER_FORM =
  '<query xmlns="http://jabber.org/protocol/muc#owner"><x xmlns="jabber:x:data" type="submit"><field var="muc#roomconfig_membersonly"><value>1</value></field></x></query>';

/** Everything that reaches hooks, done in the room `boom`. */
const STEPS = [
  'ada joins boom',
  'eve joins boom',
  'ada sends: <presence xmlns="jabber:client" to="boom@muc.meet.jitsi/{ada.id}"><nick xmlns="http://jabber.org/protocol/nick">Ada</nick></presence>',
  'ada sends: <message xmlns="jabber:client" type="groupchat" to="boom@muc.meet.jitsi"><body>x</body></message>',
  'ada sends: <message xmlns="jabber:client" to="boom@muc.meet.jitsi"><body>x</body></message>',
  'ada sends: <message xmlns="jabber:client" type="chat" to="boom@muc.meet.jitsi/{eve.id}"><body>x</body></message>',
  'ada sends: <iq xmlns="jabber:client" type="get" id="1" to="boom@muc.meet.jitsi/{eve.id}"><query xmlns="jabber:iq:version"/></iq>',
  'ada sends: <iq xmlns="jabber:client" type="get" id="2" to="boom@muc.meet.jitsi"><query xmlns="http://jabber.org/protocol/disco#info"/></iq>',
  'ada sends: <iq xmlns="jabber:client" type="get" id="3" to="boom@muc.meet.jitsi"><query xmlns="http://jabber.org/protocol/muc#owner"/></iq>',
  `ada sends: <iq xmlns="jabber:client" type="set" id="4" to="boom@muc.meet.jitsi">${OWNER_FORM}</iq>`,
  'gus joins boom',
  'ada sends: <presence xmlns="jabber:client" type="unavailable" to="boom@muc.meet.jitsi/{ada.id}"/>',
  'eve sends: <presence xmlns="jabber:client" type="unavailable" to="boom@muc.meet.jitsi/{eve.id}"/>',
  'focus sends: <presence xmlns="jabber:client" type="unavailable" from="focus@auth.meet.jitsi/focus" to="boom@muc.meet.jitsi/focus"/>',
];

const HOOKS = Object.keys(new MucHooks());

function isInBoom(event: unknown): boolean {
  return JSON.stringify(event, (key, value: unknown) => {
    // Enough of an event to tell its room; the rest may be circular.
    return key === '' ||
      key === 'room' ||
      key === 'attempt' ||
      key === 'to' ||
      key === 'jid' ||
      key === 'node'
      ? value
      : undefined;
  }).includes('"node":"boom"');
}

test('there are hooks to throw in', () => {
  expect(HOOKS.length).toBeGreaterThan(15);
});

describe('a handler that throws', () => {
  test.each(HOOKS)('%s', (name) => {
    const run = new ScriptRun({ options: {}, limits: {} });
    const { hooks } = run.core.muc;
    run.step('focus joins daily');
    for (const who of ['ada', 'ben', 'eve', 'gus', 'fay']) run.step(`${who} logs in`);
    run.step('ben enters daily');
    let thrown = 0;
    const hook = Reflect.get(hooks, name) as Hook<unknown>;
    hook.add(0, (event) => {
      if (!isInBoom(event)) return undefined;
      thrown++;
      throw new Error(`from ${name}`);
    });
    run.step('focus joins boom');
    for (const step of STEPS) {
      try {
        run.step(step);
      } catch (error) {
        // Whoever was disconnected for it cannot go on.
        expect(String(error)).toMatch(/is not connected|nothing is known/);
      }
    }
    expect(run.core.core.metrics.internalErrors).toBe(thrown);
    run.step('ben forgets');
    run.step(
      'ben sends: <message xmlns="jabber:client" type="groupchat" id="m" to="daily@muc.meet.jitsi"><body>x</body></message>',
    );
    run.step('ben receives: <message type="groupchat" id="m">...</message>');
    run.step('fay joins daily');
    run.step('ben receives: <presence from="daily@muc.meet.jitsi/{fay.id}">...</presence>');
    expect(run.core.muc.rooms.find('daily@muc.meet.jitsi')?.occupants.size).toBe(3);
  });
});
