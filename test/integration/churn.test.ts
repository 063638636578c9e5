/**
 * People come and go, politely and not, with real signalling, ICE and DTLS; in the end the server holds what it held before
 * they came: every object of its own classes, every packet slot and descriptor. `npm run bench -- churn` does it for ten minutes.
 */
import { waitUntil } from '@conclave/testkit';
import { afterEach, expect, test } from 'vitest';
import { Population } from '../bench/churn/population.ts';
import { InspectedServer, type Resources } from '../bench/churn/server-resources.ts';

const PLAN = { participants: 8, perRoom: 4 };

let server: InspectedServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** Everybody comes, one after the other is replaced, all go. */
async function comeAndGo(on: InspectedServer, replacements: number): Promise<void> {
  const population = new Population(on.server, PLAN, ['leave', 'close', 'vanish']);
  await population.fill();
  expect(await on.resources()).toMatchObject({ conferences: 2, endpoints: PLAN.participants });
  for (let i = 0; i < replacements; i++) await population.replaceOne();
  population.empty();
}

function emptied(on: InspectedServer): Promise<Resources> {
  return waitUntil(
    'all rooms to be gone',
    async () => {
      const resources = await on.resources();
      return resources.conferences === 0 && resources.endpoints === 0 && resources;
    },
    { timeoutMs: 15_000 },
  );
}

test('who has gone leaves nothing behind', async () => {
  server = await InspectedServer.start();
  const { server: process } = server;
  // What is made once for all is made for the first who come.
  await comeAndGo(server, PLAN.participants);
  const { slots } = await emptied(server);
  expect(slots).toEqual({ free: slots.free, cached: 0, in_hand: 0 });
  const before = await server.objects();
  expect(before.get('BridgeCore')).toBe(1);
  const descriptors = process.descriptors;

  await comeAndGo(server, 40);
  const after = await emptied(server);
  expect(after.slots).toEqual(slots);
  const objects = await server.objects();
  const grown = [...objects]
    .map(([name, count]) => ({ name, more: count - (before.get(name) ?? 0) }))
    // A leak of one object for each who came is 48 and more; limits of rate are forgotten by time.
    .filter(({ more }) => more >= PLAN.participants * 3);
  expect(grown).toEqual([]);
  await waitUntil('descriptors to be closed', () => process.descriptors <= descriptors + 1);
}, 60_000);
