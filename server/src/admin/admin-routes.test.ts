import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AuditRecord, silentLogger } from '@conclave/base';
import { ManualClock } from '@conclave/testkit';
import type { Administration, AdminResult } from '@conclave/xmpp-server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AdminRoutes } from './admin-routes.ts';
import { openApi } from './openapi.ts';
import { OPERATIONS } from './operations.ts';
import { PROBLEM } from './shapes.ts';

const SECRET = 'the-secret';
const ROOM = {
  jid: 'daily@muc.x',
  name: 'daily',
  tenant: undefined,
  kind: 'conference' as const,
  meetingId: 'm-1',
  createdWallMs: Date.UTC(2026, 10, 21),
  participants: 1,
  isLocked: false,
  hasLobby: true,
};
const ADA = {
  id: 'a1',
  jid: 'u1@x/r',
  displayName: 'Ada',
  email: undefined,
  userId: undefined,
  role: 'moderator',
  affiliation: 'owner',
} as const;

let calls: unknown[][] = [];
let shown = '';
let result: AdminResult = 'done';
const ROOMS = {
  list: () => [ROOM],
  listKept: () => [ROOM.jid],
  showKept: (jid: string) =>
    jid === ROOM.jid ? { hasLobby: true, moderators: ['account:ada'], password: 'x' } : undefined,
  waiting: (jid: string) =>
    jid === ROOM.jid
      ? [{ id: 'b2', displayName: 'Ben', email: undefined, userId: undefined }]
      : undefined,
  sessionCount: () => 7,
  isPassword: (...args: unknown[]) => {
    calls.push(['isPassword', ...args]);
    return args[0] === ROOM.jid ? args[1] === 'right' : undefined;
  },
  show: (jid: string) => {
    shown = jid;
    return jid === ROOM.jid ? { ...ROOM, subject: undefined, occupants: [ADA] } : undefined;
  },
  ...Object.fromEntries(
    [
      'kick',
      'end',
      'setPassword',
      'setLobby',
      'setModerator',
      'keep',
      'forget',
      'admit',
      'deny',
      'tell',
    ].map((name) => [
      name,
      (...args: unknown[]) => {
        calls.push([name, ...args]);
        return result;
      },
    ]),
  ),
} as unknown as Administration;

let audit: AuditRecord[] = [];
let clock = new ManualClock();
let base = '';
let close = () => {};

beforeEach(async () => {
  calls = [];
  result = 'done';
  audit = [];
  clock = new ManualClock();
  const routes = new AdminRoutes({
    clock,
    logger: silentLogger,
    audit: { record: (record) => audit.push(record) },
    secret: SECRET,
    target: {
      administer: (act) => act(ROOMS),
      mute: (room, occupant, media) => {
        calls.push(['mute', room, occupant, media]);
        return room === ROOM.jid ? 2 : undefined;
      },
      mucDomain: 'muc.x',
    },
  });
  const server = createServer((request, response) => {
    void Promise.resolve(routes.answer(request)).then((answer) => {
      if (answer === undefined) response.writeHead(418).end();
      else {
        response
          .writeHead(answer.status, { ...answer.headers, 'Content-Type': answer.type })
          .end(answer.body);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = () => {
    server.close();
    server.closeAllConnections();
  };
});
afterEach(() => close());

async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const response = await fetch(base + path, {
    method,
    headers: {
      authorization: `Bearer ${SECRET}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, response, json: text === '' ? undefined : JSON.parse(text) };
}

describe('the operations', () => {
  const cases: readonly [string, string, string, unknown, unknown[]][] = [
    ['endRoom', 'POST', '/v1/rooms/daily/end', { reason: 'Late' }, ['end', 'daily@muc.x', 'Late']],
    [
      'setPassword',
      'PUT',
      '/v1/rooms/Daily/password',
      { password: 's3' },
      ['setPassword', 'daily@muc.x', 's3'],
    ],
    [
      'setLobby',
      'PUT',
      '/v1/rooms/daily%40muc.x/lobby',
      { enabled: true },
      ['setLobby', 'daily@muc.x', true],
    ],
    [
      'muteAll',
      'POST',
      '/v1/rooms/daily/mute',
      { media: ['audio'] },
      ['mute', 'daily@muc.x', undefined, ['audio']],
    ],
    [
      'kickOccupant',
      'POST',
      '/v1/rooms/daily/occupants/a1/kick',
      { ban: true },
      ['kick', 'daily@muc.x', 'a1', undefined, true],
    ],
    [
      'muteOccupant',
      'POST',
      '/v1/rooms/daily/occupants/a1/mute',
      { media: ['video', 'desktop'] },
      ['mute', 'daily@muc.x', 'a1', ['video', 'desktop']],
    ],
    [
      'setModerator',
      'PUT',
      '/v1/rooms/daily/occupants/a1/moderator',
      { enabled: false },
      ['setModerator', 'daily@muc.x', 'a1', false],
    ],
    [
      'keepRoom',
      'PUT',
      '/v1/kept-rooms/daily',
      { password: 's3', moderators: ['account:ada'], maxOccupants: 0 },
      ['keep', 'daily@muc.x', { hasLobby: false, moderators: ['account:ada'], password: 's3' }],
    ],
    ['forgetRoom', 'DELETE', '/v1/kept-rooms/daily', undefined, ['forget', 'daily@muc.x']],
    ['admit', 'POST', '/v1/rooms/daily/lobby/b2/admit', undefined, ['admit', 'daily@muc.x', 'b2']],
    ['deny', 'POST', '/v1/rooms/daily/lobby/b2/deny', undefined, ['deny', 'daily@muc.x', 'b2']],
    [
      'endMeeting',
      'POST',
      '/end-meeting?conference=daily%40muc.x&silent-reconnect=true',
      undefined,
      ['end', 'daily@muc.x', undefined, true],
    ],
    [
      'kickParticipant',
      'PUT',
      '/kick-participant?room=daily',
      { participantId: 'a1' },
      ['kick', 'daily@muc.x', 'a1', undefined],
    ],
    [
      'checkPasscode',
      'PUT',
      '/room-info?room=daily',
      { passcode: 'right' },
      ['isPassword', 'daily@muc.x', 'right'],
    ],
    [
      'sendSystemMessage',
      'POST',
      '/send-system-chat-message',
      { room: 'daily@muc.x', message: 'Five minutes left', connectionJIDs: ['a@x/1'] },
      ['tell', 'daily@muc.x', { message: 'Five minutes left' }, ['a@x/1']],
    ],
  ];

  test.each(cases)('%s', async (id, method, path, body, call) => {
    const answer = await ask(method, path, body);
    expect(answer.status).toBe(200);
    const operation = OPERATIONS.find((known) => known.id === id);
    operation?.result.read(answer.json, 'answer');
    expect(calls).toEqual([call]);
    if (path.includes('daily')) expect(audit[0]).toMatchObject({ room: 'daily@muc.x' });
    expect(audit).toEqual([expect.objectContaining({ event: 'admin.call', value: id })]);
  });

  test('that change something are all among these cases', () => {
    const changing = OPERATIONS.filter(({ method }) => method !== 'GET').map(({ id }) => id);
    expect(changing.sort()).toEqual(cases.map(([id]) => id).sort());
  });

  test.each([
    ['listRooms', '/v1/rooms'],
    ['showRoom', '/v1/rooms/daily'],
    ['listKeptRooms', '/v1/kept-rooms'],
    ['showKeptRoom', '/v1/kept-rooms/daily'],
    ['roomCensus', '/room-census'],
    ['roomSize', '/room-size?room=daily&domain=x'],
    ['roomOccupants', '/room?room=daily'],
    ['listWaiting', '/v1/rooms/daily/lobby'],
    ['sessionCount', '/sessions'],
    ['roomInfo', '/room-info?room=daily'],
  ])('%s answers in the shape it promises', async (id, path) => {
    const { status, json } = await ask('GET', path);
    expect(status).toBe(200);
    OPERATIONS.find((known) => known.id === id)?.result.read(json, 'answer');
    expect(audit).toEqual([]);
  });

  test('rooms of a tenant are found as Prosody finds them', async () => {
    const { status } = await ask('GET', '/room-size?room=daily&subdomain=acme');
    expect(status).toBe(404);
  });
});

describe('refusals', () => {
  test.each([
    ['GET', '/v1/rooms/absent', undefined, 404, /no such room/],
    ['GET', '/v1/rooms/%00', undefined, 404, /no such room/],
    ['GET', '/v1/nothing', undefined, 404, /no such operation/],
    ['GET', '/v1/rooms/%E0%A4%A', undefined, 404, /no such operation/],
    ['DELETE', '/v1/rooms/daily', undefined, 405, /Possible here: GET/],
    ['PUT', '/v1/rooms/daily/password', {}, 400, /the body\.password: .*missing/],
    ['PUT', '/v1/rooms/daily/password', { password: 7 }, 400, /the body\.password/],
    ['PUT', '/v1/rooms/daily/password', { password: 'x'.repeat(257) }, 400, /256/],
    ['PUT', '/v1/rooms/daily/lobby', '{"enabled":true,"__proto__":{}}', 400, /__proto__/],
    ['PUT', '/v1/rooms/daily/lobby', '[', 400, /not JSON/],
    ['PUT', '/v1/rooms/daily/lobby', [], 400, /an object/],
    ['POST', '/v1/rooms/daily/mute', { media: [] }, 400, /media/],
    ['POST', '/v1/rooms/daily/mute', { media: ['smell'] }, 400, /media\[0\]/],
    ['POST', '/v1/rooms/absent/mute', { media: ['audio'] }, 404, /no such room/],
    ['POST', '/v1/rooms/daily/end', { reason: 'x'.repeat(17_000) }, 413, /16384/],
  ])('%s %s %j: %i', async (method, path, body, status, detail) => {
    const answer = await ask(method, path, body);
    expect([answer.status, answer.response.headers.get('content-type')]).toEqual([
      status,
      'application/problem+json',
    ]);
    PROBLEM.read(answer.json, 'answer');
    expect(answer.json.detail).toMatch(detail);
    expect(calls.filter(([name]) => name !== 'mute')).toEqual([]);
  });

  test('of the room have a status each', async () => {
    for (const [refusal, status] of [
      ['no-such-room', 404],
      ['no-such-occupant', 404],
      ['not-a-person', 409],
      ['no-lobby-on-this-server', 409],
      ['list-full', 409],
    ] as const) {
      result = refusal;
      expect((await ask('POST', '/v1/rooms/daily/end', {})).status).toBe(status);
    }
    // What was not done is not said to have been done.
    expect(audit).toEqual([]);
  });

  test('a form from a page in a browser is none', async () => {
    const headers = { 'content-type': 'text/plain' };
    expect((await ask('POST', '/v1/rooms/daily/end', '{}', headers)).status).toBe(415);
  });
});

test.each([
  '/v1/rooms/%5Bacme%5Ddaily',
  '/v1/rooms/daily%40muc.acme.x',
  '/room-size?room=daily&subdomain=acme',
])('%s is the room of a tenant', async (path) => {
  shown = '';
  await ask('GET', path);
  expect(shown).toBe('daily@muc.acme.x');
});

describe('the secret', () => {
  test.each(['', 'Bearer', 'Bearer wrong', 'Basic the-secret', `Bearer ${SECRET}x`])(
    '%j is not it',
    async (authorization) => {
      const answer = await ask('GET', '/v1/rooms', undefined, { authorization });
      expect(answer.status).toBe(401);
      expect(answer.response.headers.get('www-authenticate')).toBe('Bearer');
    },
  );

  test('may be guessed at only so often, and then still be known', async () => {
    const headers = { authorization: 'Bearer wrong' };
    for (let i = 0; i < 20; i++) await ask('GET', '/v1/rooms', undefined, headers);
    expect((await ask('GET', '/v1/rooms', undefined, headers)).status).toBe(429);
    expect((await ask('GET', '/v1/rooms')).status).toBe(200);
    clock.advance(1000);
    expect((await ask('GET', '/v1/rooms', undefined, headers)).status).toBe(401);
    expect(audit.at(-1)).toMatchObject({ event: 'admin.refused' });
    expect(JSON.stringify(audit)).not.toContain('wrong');
  });
});

describe('the description', () => {
  test('in docs/openapi.json is that of this server (write it anew: server/src/admin/write-openapi.ts)', () => {
    const file = new URL('../../../docs/openapi.json', import.meta.url);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(openApi())));
  });

  test('is served', async () => {
    const { status, json } = await ask('GET', '/v1/openapi.json');
    expect([status, json.openapi]).toEqual([200, '3.1.0']);
    expect(Object.keys(json.paths)).toHaveLength(new Set(OPERATIONS.map((o) => o.path)).size);
  });

  test('what belongs to others is left to them', async () => {
    expect((await fetch(`${base}/metrics`)).status).toBe(418);
  });
});
