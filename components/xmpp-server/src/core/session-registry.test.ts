import { type RandomSource, silentLogger } from '@conclave/base';
import { Jid } from '@conclave/protocols/xmpp';
import { expect, test } from 'vitest';
import { DEFAULT_XMPP_OPTIONS } from '../options.ts';
import { ANONYMOUS } from './identity.ts';
import { XmppCore } from './xmpp-core.ts';

/** Every UUID begins alike until `calls` says otherwise. */
function poorRandom(): RandomSource {
  let calls = 0;
  return {
    bytes: (length) => {
      const out = new Uint8Array(length).fill(7);
      // The first two UUIDs have the same first eight digits.
      if (length === 16 && ++calls > 2) out[0] = calls;
      return out;
    },
  };
}

test('a name whose first eight digits are in use is not given out', () => {
  const core = new XmppCore({ random: poorRandom(), logger: silentLogger }, DEFAULT_XMPP_OPTIONS, {
    nowMs: 0,
    wallMs: 0,
  });
  const stream = {
    send() {},
    fail() {},
    supersede() {},
    bufferedBytes: () => 0,
  };
  const first = core.sessions.anonymousNode(undefined);
  const session = core.sessions.bind(new Jid(first, 'meet.jitsi'), stream, { remoteAddress: '' });
  const second = core.sessions.anonymousNode(undefined);
  expect(second.slice(0, 8)).not.toBe(first.slice(0, 8));
  // The session to resume keeps its name, unless that is the name of an account.
  core.sessions.enableStreamManagement(session, true);
  expect(core.sessions.anonymousNode(session)).toBe(first);
  const ada = { ...ANONYMOUS, isAuthenticated: true, account: 'ada' };
  const user = new Jid('ada', 'meet.jitsi');
  const account = core.sessions.bind(user, stream, { remoteAddress: '' }, ada);
  expect(core.sessions.anonymousNode(account)).not.toBe('ada');
  // Free again when the session is over.
  session.end();
  expect(core.sessions.findResumable(session.smId ?? '')).toBeUndefined();
  expect(core.sessions.find(session.jid.full)).toBeUndefined();
});
