/** Hundreds arrive within seconds: everybody learns of everybody, in few messages. */
import { expect, test } from 'vitest';
import { ConferenceHarness } from './conference-harness.ts';
import { camera, microphone } from './sample-sources.ts';

const PEOPLE = 200;
/** Fifty a second. */
const APART_MS = 20;

const nickOf = (index: number) => (0xa0000000 + index).toString(16);

test(`${PEOPLE} people arrive in ${(PEOPLE * APART_MS) / 1000} s`, { timeout: 30_000 }, () => {
  const harness = new ConferenceHarness();
  const clients = Array.from({ length: PEOPLE }, (_, index) => {
    const client = harness.join(nickOf(index));
    harness.time.advance(APART_MS);
    // The first is invited when the second is there.
    if (index === 0) return client;
    for (const i of index === 1 ? [0, 1] : [index]) {
      const nick = nickOf(i);
      const ssrc = 1_000 + i * 100;
      harness.clients.get(nick)?.accept([microphone(nick, ssrc), camera(nick, ssrc + 1)]);
    }
    return client;
  });
  harness.time.advance(2_000);
  harness.settle();

  const names = clients.flatMap(({ nick }) => [`${nick}-a0`, `${nick}-v0`]).sort();
  for (const client of clients) {
    expect(client.knownNames).toEqual(names.filter((name) => !name.startsWith(client.nick)));
    expect(client.of('session-initiate')).toHaveLength(1);
  }
  // One message to each receiver for each newcomer would be 19,900.
  const additions = clients.reduce((sum, client) => sum + client.of('source-add').length, 0);
  expect(additions).toBeLessThan(PEOPLE * 12);
});
