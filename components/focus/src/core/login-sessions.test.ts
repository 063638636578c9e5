import { parseJid } from '@conclave/protocols/xmpp';
import { expect, test } from 'vitest';
import { type FocusLogins, LoginSessions } from './login-sessions.ts';

const LIFETIME_MS = 1_000;
const jid = (text: string) => {
  const parsed = parseJid(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
};
const ADA = jid('ada@meet.jitsi/x');
const STAFF = jid('staff@meet.jitsi/x');
const GUEST = jid('g1@guest.meet.jitsi/y');

function sessions(options: Partial<FocusLogins> = {}) {
  let count = 0;
  return new LoginSessions(
    {
      mayStart: ({ domain }) => domain !== 'guest.meet.jitsi',
      accountOf: ({ node, domain }) =>
        domain === 'meet.jitsi' ? { name: node, leads: node !== 'staff' } : undefined,
      isExternal: false,
      lifetimeMs: LIFETIME_MS,
      ...options,
    },
    { bytes: (length) => new Uint8Array(length).fill(++count) },
  );
}

const claim = (sessionId?: string, machineUid: string | undefined = 'm') => ({
  sessionId,
  machineUid,
});

test('a guest counts as logged in with the session of its browser, until that is over', () => {
  const logins = sessions();
  expect(logins.handleRequest(GUEST, claim(), false, 0)).toMatchObject({
    type: 'refused',
    error: { condition: 'not-authorized' },
  });
  expect(logins.handleRequest(GUEST, claim(), true, 0)).toEqual({
    type: 'welcome',
    session: undefined,
  });
  const first = logins.handleRequest(ADA, claim(), false, 0);
  const id = (first.type === 'welcome' && first.session?.id) || '';
  expect(first).toMatchObject({ session: { identity: 'ada@meet.jitsi' } });
  // The same browser keeps its session.
  expect(logins.handleRequest(ADA, claim('stale'), false, 1)).toMatchObject({ session: { id } });
  expect(logins.handleRequest(GUEST, claim(id), false, 1)).toMatchObject({ session: { id } });
  expect(logins.leads(GUEST, 1)).toBe(true);
  expect(logins.leads(GUEST, LIFETIME_MS)).toBe(false);
  expect(logins.handleRequest(GUEST, claim(id), true, LIFETIME_MS)).toMatchObject({
    error: { condition: 'not-acceptable' },
  });
});

test('another browser, an account that leads nothing, one that is no more', () => {
  const logins = sessions();
  const made = logins.handleRequest(STAFF, claim(), false, 0);
  const id = (made.type === 'welcome' && made.session?.id) || '';
  expect(logins.handleRequest(GUEST, claim(id, 'other'), true, 0)).toMatchObject({
    type: 'refused',
  });
  expect(logins.handleRequest(GUEST, claim(id), false, 0)).toMatchObject({ type: 'welcome' });
  expect(logins.leads(GUEST, 0)).toBe(false);
  expect(logins.accounts()).toEqual(['staff']);
  expect(logins.endAccount('staff')).toEqual([STAFF.full, GUEST.full]);
  expect(logins.logOut(id)).toBe(false);
  expect(
    logins.handleRequest(GUEST, claim('x'.repeat(300), 'x'.repeat(300)), true, 0),
  ).toMatchObject({ error: { condition: 'bad-request' } });
});

test('with tokens there are no session ids', () => {
  const logins = sessions({ isExternal: true });
  expect(logins.handleRequest(ADA, claim(), false, 0)).toEqual({
    type: 'welcome',
    session: undefined,
  });
});
