/** Whatever is asked of the admin API, with the secret or without: an answer in its form, and never a fault. */
import type { IncomingMessage } from 'node:http';
import { type Logger, silentLogger } from '@conclave/base';
import { ManualClock, textCorpus } from '@conclave/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AdminRoutes } from './admin-routes.ts';
import { OPERATIONS } from './operations.ts';
import { PROBLEM } from './shapes.ts';

const RUNS = 100_000;
const faults: unknown[] = [];
const logger: Logger = { ...silentLogger, error: (event, fields) => faults.push([event, fields]) };

const routes = new AdminRoutes({
  clock: new ManualClock(),
  logger,
  audit: { record() {} },
  secret: 'secret',
  target: {
    // There is no room: what comes through was read and understood.
    administer: () => undefined,
    mute: () => undefined,
    mucDomain: 'muc.x',
  },
});

const segment = fc.oneof(
  fc.constantFrom(
    'daily',
    'daily%40muc.x',
    '%5Bt%5Dx',
    '%',
    '%00',
    '%E0%A4',
    '',
    '..',
    'a/b',
    '@',
    '/',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }).map(encodeURI),
);
const path = fc.oneof(
  fc
    .tuple(fc.constantFrom(...OPERATIONS.map((operation) => operation.path)), segment, segment)
    .map(([template, room, id]) => template.replace('{room}', room).replace('{occupant}', id)),
  segment.map((text) => `/v1/${text}`),
);
const query = fc.oneof(
  fc.constantFrom('', '?room=daily', '?room=daily&subdomain=acme', '?room=%', '?=&&', '?room[]=x'),
  segment.map((text) => `?room=${text}&subdomain=${text}`),
);
const body = fc.oneof(
  fc.constantFrom(
    '',
    '{}',
    '{"enabled":true}',
    '{"media":["audio"]}',
    '{"password":null}',
    '{"__proto__":{"enabled":true}}',
    '{"constructor":1,"toString":2}',
    '[[[[',
  ),
  fc.json({ maxDepth: 3 }),
  fc
    .dictionary(
      fc.constantFrom('enabled', 'media', 'password', 'reason', 'ban', 'moderators', 'hasLobby'),
      fc.jsonValue({ maxDepth: 2 }),
    )
    .map((object) => JSON.stringify(object)),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const request = fc.record({
  url: fc.tuple(path, query).map((parts) => parts.join('')),
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'),
  type: fc.constantFrom('application/json', 'application/json; charset=utf-8', 'text/plain', ''),
  authorization: fc.constantFrom('Bearer secret', 'Bearer secret', 'Bearer secret', 'Bearer x', ''),
  body,
});

test('any request has an answer', async () => {
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(request, async ({ url, method, type, authorization, body }) => {
      const chunks = body === '' ? [] : [Buffer.from(body)];
      const incoming = {
        url,
        method,
        headers: { 'content-type': type, authorization },
        socket: { remoteAddress: '127.0.0.1' },
        async *[Symbol.asyncIterator]() {
          yield* chunks;
        },
      } as unknown as IncomingMessage;
      const answer = await routes.answer(incoming);
      if (answer === undefined) return;
      seen.add(answer.status);
      const json: unknown = JSON.parse(answer.body);
      if (answer.status === 200) expect(answer.type).toContain('application/json');
      else PROBLEM.read(json, 'answer');
    }),
    { numRuns: RUNS, examples: textCorpus(import.meta.url).map((line) => [JSON.parse(line)]) },
  );
  // The targets above fail on purpose with 500; nothing else does.
  expect(faults).toEqual([]);
  for (const status of [200, 400, 401, 404, 405, 415, 429]) expect(seen).toContain(status);
});
