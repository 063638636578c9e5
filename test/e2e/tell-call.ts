/** The story of a first call, the same for any three clients. */
import { waitUntil } from '@conclave/testkit';
import { expect } from 'vitest';
import type { CallClient } from './call-client.ts';
import { expectFullCall } from './expect-call.ts';

/** How soon the others must see that somebody left. */
const LEAVE_LIMIT_MS = 1_000;

/** Three join `room`, see and hear each other, chat; the last leaves and the others notice. */
export async function tellFirstCall(room: string, clients: readonly CallClient[]): Promise<void> {
  for (const client of clients) await client.join(room);
  await expectFullCall(clients);

  const [first, ...readers] = clients;
  if (first === undefined) throw new Error('nobody to tell a story of');
  const text = 'good morning <b>&</b> welcome';
  await first.sendChat(text);
  for (const reader of readers) {
    await waitUntil(`${reader.number} to read the chat`, async () => {
      return (await reader.chatTexts()).length > 0;
    });
    expect(await reader.chatTexts()).toEqual([text]);
  }

  const leaver = clients[clients.length - 1] as CallClient;
  const staying = clients.slice(0, -1);
  const leftAtMs = performance.now();
  const noticed = staying.map(async (client) => {
    // When the last look began that showed it: on a busy machine a look itself takes its time.
    let lookedAtMs = leftAtMs;
    const isGone = async () => {
      lookedAtMs = performance.now();
      return !(await client.readRemote()).some(({ id }) => id === leaver.id);
    };
    await waitUntil(`${client.number} to notice the leave`, isGone, { intervalMs: 20 });
    return lookedAtMs - leftAtMs;
  });
  const left = leaver.leave();
  for (const tookMs of await Promise.all(noticed)) expect(tookMs).toBeLessThan(LEAVE_LIMIT_MS);
  await left;
  await expectFullCall(staying);
}
