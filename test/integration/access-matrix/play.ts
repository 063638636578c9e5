/** Each situation with each way to come, against what is expected. */
import { randomUUID } from 'node:crypto';
import { waitUntil } from '@conclave/testkit';
import { describe, expect, test } from 'vitest';
import type { XmppClient } from '../xmpp-client.ts';
import type { Entrance, Way } from './entrance.ts';
import { SITUATIONS } from './expected.ts';

const MUC_ADMIN = 'http://jabber.org/protocol/muc#admin';

/** Somebody who leads the room. */
export type EnterHost = (room: string) => Promise<XmppClient>;

async function play(
  entrance: Entrance,
  situation: (typeof SITUATIONS)[number],
  way: Way,
  enterHost: EnterHost,
): Promise<string> {
  const room = `${randomUUID()}@muc.meet.jitsi`;
  const { enter } = way;
  switch (situation) {
    case 'creates':
      return (await enter(room)).outcome;
    case 'joins':
      await enterHost(room);
      return (await enter(room)).outcome;
    case 'joins before the host': {
      const { outcome } = await enter(room);
      await enterHost(room);
      if (!outcome.startsWith('request')) return outcome;
      return `${outcome}, then ${(await enter(room)).outcome}`;
    }
    case 'second window': {
      await enterHost(room);
      const first = await enter(room);
      return `${first.outcome} ${(await enter(room)).outcome}`;
    }
    case 'after a role change': {
      const host = await enterHost(room);
      const { outcome, client } = await enter(room);
      if (client === undefined) return outcome;
      const affiliation = outcome === 'moderator' ? 'none' : 'owner';
      const jid = client.jid.split('/')[0];
      const item = `<item affiliation="${affiliation}" jid="${jid}"/>`;
      await host.ask('set', room, `<query xmlns="${MUC_ADMIN}">${item}</query>`);
      const changed = await entrance.roleNow(client, room);
      client.close();
      return `${changed}, again ${(await enter(room)).outcome}`;
    }
    case 'after expiry': {
      if ((await enter(room)).outcome === 'request: not-authorized') await enterHost(room);
      await way.expire();
      let last = '';
      await waitUntil('the same answer twice', async () => {
        const before = last;
        last = (await enter(room)).outcome;
        return last === before;
      });
      return last;
    }
  }
}

/** One after the other; `open` gives what they enter, once it runs. */
export function playAll(
  open: () => Entrance,
  expected: Readonly<Record<string, readonly string[]>>,
  ways: Readonly<Record<string, (entrance: Entrance) => Way>>,
  enterHost: EnterHost,
): void {
  describe.each(Object.keys(expected))('%s', (name) => {
    // One after the other, the expiry last: what is worthless stays so.
    let way: Way | undefined;
    const order = [...SITUATIONS].sort(
      (a, b) => Number(a === 'after expiry') - Number(b === 'after expiry'),
    );
    test.each(order)('%s', async (situation) => {
      const entrance = open();
      way ??= ways[name]?.(entrance);
      if (way === undefined) throw new Error(`nobody comes as ${name}`);
      try {
        const outcome = await play(entrance, situation, way, enterHost);
        expect(outcome).toBe(expected[name]?.[SITUATIONS.indexOf(situation)]);
      } finally {
        entrance.closeClients();
      }
    });
  });
}
