import { ANONYMOUS, type Authenticator } from '@conclave/xmpp-server';
import { expect, test } from 'vitest';
import { gateConferenceRequests } from './conference-gate.ts';

const asked: unknown[] = [];
const request = async (body: unknown) => {
  asked.push(body);
  return { status: 200, json: {} };
};
const authenticator: Authenticator = {
  authenticate: async ({ token }) =>
    token === 'good'
      ? {
          type: 'accepted',
          identity: {
            ...ANONYMOUS,
            refuseRoom: ({ node }) =>
              node === 'daily' ? undefined : { condition: 'not-allowed', text: 'another room' },
          },
        }
      : { type: 'refused', condition: 'not-allowed', text: 'token required' },
};

const DOMAINS = { domain: 'meet.jitsi', guestDomain: 'guest.meet.jitsi' };

test('an open server lets everybody ask', async () => {
  const gate = gateConferenceRequests(undefined, DOMAINS, (room) => room, request);
  expect((await gate({ room: 'daily@muc.meet.jitsi' }, '192.0.2.1', undefined)).status).toBe(200);
});

test.each([
  [undefined, 'daily@muc.meet.jitsi', 403],
  ['bad', 'daily@muc.meet.jitsi', 403],
  ['good', 'daily@muc.meet.jitsi', 200],
  ['good', 'weekly@muc.meet.jitsi', 403],
  // Nonsense is refused where requests are read.
  ['good', 5, 200],
])('token %j and room %j: %i', async (token, room, status) => {
  asked.length = 0;
  const gate = gateConferenceRequests(authenticator, DOMAINS, (room) => room, request);
  expect((await gate({ room }, '192.0.2.1', token)).status).toBe(status);
  expect(asked).toHaveLength(status === 200 ? 1 : 0);
});

test('a flood is turned away while checks take long, and later not', async () => {
  const waiting: (() => void)[] = [];
  const slow: Authenticator = {
    authenticate: () =>
      new Promise((resolve) =>
        waiting.push(() => resolve({ type: 'accepted', identity: ANONYMOUS })),
      ),
  };
  const gate = gateConferenceRequests(slow, DOMAINS, (room) => room, request);
  const pending = Array.from({ length: 100 }, () => gate({}, '192.0.2.1', 'x'));
  expect((await gate({}, '192.0.2.1', 'x')).status).toBe(503);
  for (const resolve of waiting.splice(0)) resolve();
  expect((await Promise.all(pending)).every(({ status }) => status === 200)).toBe(true);
  const later = gate({}, '192.0.2.1', 'x');
  waiting[0]?.();
  expect((await later).status).toBe(200);
});
