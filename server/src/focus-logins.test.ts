import { Jid } from '@conclave/protocols/xmpp';
import { expect, test } from 'vitest';
import { createFocusLogins, mustLogIn } from './focus-logins.ts';

const SETTINGS = {
  ENABLE_AUTH: true,
  ENABLE_GUESTS: true,
  AUTH_TYPE: ['internal'],
  JICOFO_ENABLE_AUTH: true,
  JICOFO_AUTH_LIFETIME: 1000,
  XMPP_GUEST_DOMAIN: 'guest.meet.jitsi',
} as const;

test.each([
  ['meet.jitsi', true, true],
  ['guest.meet.jitsi', true, false],
  ['guest.meet.jitsi', false, true],
  ['v1.meet.jitsi', true, false],
  ['v1.meet.jitsi', false, false],
])('who is on %s, guests %s, may start and lead: %s', (domain, guests, may) => {
  const settings = { ...SETTINGS, ENABLE_GUESTS: guests };
  const logins = createFocusLogins(settings, {
    identityOf: () => undefined,
    isHttpGuest: () => false,
  });
  const jid = new Jid('x', domain, 'y');
  expect(logins?.mayStart(jid)).toBe(may);
  expect(mustLogIn(settings, jid)).toBe(!may);
});
