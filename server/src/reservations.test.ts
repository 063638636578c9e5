/** The HTTP side of reservations, against a real HTTP server. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { silentLogger } from '@conclave/base';
import type { BookingResult } from '@conclave/focus';
import { Jid } from '@conclave/protocols/xmpp';
import { afterEach, expect, test } from 'vitest';
import { ReservationSystem } from './reservations.ts';

interface Answer {
  readonly status: number;
  readonly json?: unknown;
  readonly location?: string;
}

let server: Server | undefined;
const requests: string[] = [];
let onRequest = () => {};

afterEach(() => {
  server?.close();
  requests.length = 0;
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

/** A system that answers what `answers` says for `METHOD /path`. */
async function start(answers: Readonly<Record<string, Answer>>): Promise<ReservationSystem> {
  server = createServer(async (request, response) => {
    const key = `${request.method} ${request.url}`;
    requests.push(`${key} ${await bodyOf(request)}`.trim());
    const { status, json, location } = answers[key] ?? { status: 404 };
    response.writeHead(status, location === undefined ? {} : { location });
    response.end(json === undefined ? '' : JSON.stringify(json));
    onRequest();
  });
  const listening = server;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const clock = { nowMs: () => 0, wallMs: () => Date.UTC(2026, 0, 1) };
  return new ReservationSystem(
    { clock, logger: silentLogger, ownerOf: () => 'ada@example.org', nameOf: ({ node }) => node },
    `http://127.0.0.1:${port}/api/`,
  );
}

function book(system: ReservationSystem): Promise<BookingResult> {
  return new Promise((resolve) =>
    system.book(new Jid('daily', 'muc.meet.jitsi'), 'a@meet.jitsi/r', resolve),
  );
}

test('a reservation is asked for with name, time and owner, and read', async () => {
  const json = {
    id: 364758328,
    name: 'daily',
    start_time: '2026-01-01T00:00:00.000Z',
    duration: 900,
    max_occupants: 10,
    lobby: true,
    password: 'foobar',
  };
  const system = await start({ 'POST /api/conference': { status: 200, json } });
  expect(await book(system)).toEqual({
    type: 'booked',
    reservation: {
      id: '364758328',
      endWallMs: Date.UTC(2026, 0, 1, 0, 15),
      maxOccupants: 10,
      hasLobby: true,
      password: 'foobar',
    },
  });
  expect(requests).toEqual([
    'POST /api/conference name=daily&start_time=2026-01-01T00%3A00%3A00.000Z&mail_owner=ada%40example.org',
  ]);
});

test('a conflict names the reservation that there is', async () => {
  const system = await start({
    'POST /api/conference': { status: 409, json: { conflict_id: 'a/b' } },
    'GET /api/conference/a%2Fb': { status: 200, json: { id: 'a/b' } },
  });
  expect(await book(system)).toEqual({ type: 'booked', reservation: { id: 'a/b' } });
});

test.each([
  [{ status: 403, json: { message: 'Not on Sundays' } }, 403, 'Not on Sundays'],
  [{ status: 500 }, 500, 'The room is not reserved'],
  [{ status: 200, json: { name: 'without an id' } }, 500, 'The room is not reserved'],
  [{ status: 409, json: {} }, 409, 'The room is not reserved'],
  [{ status: 302, location: 'http://127.0.0.1:1/' }, 500, 'The reservation system does not answer'],
  [{ status: 200, json: 'x'.repeat(70_000) }, 500, 'The reservation system does not answer'],
])('%j is a refusal', async (answer, code, text) => {
  const system = await start({ 'POST /api/conference': answer });
  expect(await book(system)).toEqual({ type: 'refused', code, text });
});

test('a system that is not there is a refusal', async () => {
  const system = await start({});
  server?.close();
  server?.closeAllConnections();
  expect(await book(system)).toMatchObject({ type: 'refused', code: 500 });
});

test('a conference that is over is given back', async () => {
  const system = await start({ 'DELETE /api/conference/17': { status: 200 } });
  const given = new Promise<void>((resolve) => {
    onRequest = resolve;
  });
  system.release('17');
  await given;
  expect(requests).toEqual(['DELETE /api/conference/17']);
});
