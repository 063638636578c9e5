import type { TimerHandle } from '@conclave/base';
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { errorReply, iqResult, NS, type StanzaError } from '@conclave/protocols/xmpp';
import { expect, test } from 'vitest';
import { ConferenceRequests } from './conference-requests.ts';

const FOCUS = 'focus.meet.jitsi';

function setUp() {
  const sent: XmlElement[] = [];
  const timeouts: (() => void)[] = [];
  let seed = 0;
  const requests = new ConferenceRequests(
    {
      timers: {
        schedule: (_delayMs, callback): TimerHandle => {
          timeouts.push(callback);
          return { cancel: () => timeouts.splice(timeouts.indexOf(callback), 1) };
        },
      },
      random: { bytes: (length) => new Uint8Array(length).fill(++seed) },
      send: (stanza) => sent.push(stanza),
    },
    { focusAddress: FOCUS, domain: 'http.meet.jitsi' },
  );
  const last = () => sent.at(-1) as XmlElement;
  return { requests, sent, timeouts, last };
}

test('a request becomes the iq of XMPP clients, with property values as text', async () => {
  const { requests, last } = setUp();
  const body = {
    room: 'daily@muc.meet.jitsi',
    machineUid: '3f0c',
    properties: { 'visitors-version': 1, rtcstatsEnabled: false, odd: { a: 1 } },
  };
  const answered = requests.request(body, '2001:db8::1', true);
  const iq = last();
  expect([iq.attribute('type'), iq.attribute('to')]).toEqual(['set', FOCUS]);
  expect(iq.attribute('from')).toMatch(/^2001-db8-0-0@http\.meet\.jitsi\//);
  const conference = iq.child('conference', NS.focus);
  expect(conference?.attribute('room')).toBe('daily@muc.meet.jitsi');
  expect(conference?.attribute('machine-uid')).toBe('3f0c');
  expect(
    conference?.childrenNamed('property').map((p) => [p.attribute('name'), p.attribute('value')]),
  ).toEqual([
    ['visitors-version', '1'],
    ['rtcstatsEnabled', 'false'],
  ]);

  const property = (name: string) => xml('property', NS.focus, { name, value: 'false' });
  requests.handleStanza(
    iqResult(
      iq,
      xml(
        'conference',
        NS.focus,
        { room: 'daily@muc.meet.jitsi', ready: 'true', focusjid: 'focus@auth.meet.jitsi' },
        property('authentication'),
        property('sipGatewayEnabled'),
      ),
    ),
  );
  expect(await answered).toEqual({
    status: 200,
    json: {
      room: 'daily@muc.meet.jitsi',
      ready: true,
      focusJid: 'focus@auth.meet.jitsi',
      properties: { authentication: 'false' },
    },
  });
});

test.each<[StanzaError['condition'], number]>([
  ['not-authorized', 403],
  ['not-acceptable', 400],
  ['bad-request', 400],
  ['resource-constraint', 429],
  ['internal-server-error', 500],
])('the refusal %s is status %i', async (condition, status) => {
  const { requests, last } = setUp();
  const answered = requests.request({ room: 'a@muc.meet.jitsi' }, '192.0.2.1', true);
  requests.handleStanza(errorReply(last(), { condition }));
  expect((await answered).status).toBe(status);
});

test('clients find the text of an invalid session at an index above 0', async () => {
  const { requests, last } = setUp();
  const answered = requests.request({ room: 'a@muc.meet.jitsi' }, '192.0.2.1', true);
  requests.handleStanza(errorReply(last(), { condition: 'not-acceptable' }));
  expect(JSON.stringify((await answered).json).indexOf('400 invalid-session')).toBeGreaterThan(0);
});

test.each([
  [undefined],
  [null],
  ['room'],
  [[]],
  [{}],
  [{ room: '' }],
  [{ room: 7 }],
  [{ room: 'x'.repeat(2049) }],
  [{ room: 'a@b', properties: [] }],
  [{ room: 'a@b', properties: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [i, 1])) }],
])('%j is refused without asking the focus', async (body) => {
  const { requests, sent } = setUp();
  expect((await requests.request(body, '192.0.2.1', true)).status).toBe(400);
  expect(sent).toEqual([]);
});

test('a focus that is silent, and an answer from anybody else', async () => {
  const { requests, last, timeouts } = setUp();
  const answered = requests.request({ room: 'a@muc.meet.jitsi' }, '192.0.2.1', true);
  const forged = iqResult(last()).with({ from: 'eve@meet.jitsi/x' });
  requests.handleStanza(forged);
  timeouts[0]?.();
  expect((await answered).status).toBe(503);
});
