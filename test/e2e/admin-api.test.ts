/** What the admin API does in a room, seen from unmodified Jitsi clients and from ours. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '@conclave/testkit';
import { freeTcpPort } from '@conclave/testkit/server';
import { expect, test } from 'vitest';
import { expectFullCall, expectSeesAndHears } from './expect-call.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { useStage } from './stage.ts';
import { WebClient } from './web-client.ts';

const port = await freeTcpPort();
const stage = useStage({ env: { ADMIN_API_ENABLED: '1', JVB_COLIBRI_PORT: String(port) } });

async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
  const secret = readFileSync(join(stage.server.configFolder, 'admin-token'), 'utf8').trim();
  const response = await fetch(`http://127.0.0.1:${port}/v1/rooms/managed${path}`, {
    method,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  expect(response.status, JSON.stringify(answer)).toBe(200);
  return answer;
}

test('people are shown, muted, made moderators, locked out, removed and sent home', async () => {
  const [jitsi, second] = (await Promise.all(
    [1, 2].map((number) => {
      const config = { p2p: { enabled: false } };
      return LjmClient.open(stage.browser, stage.ljmSite, { number, config });
    }),
  )) as [LjmClient, LjmClient];
  const ours = await WebClient.open(stage.browser, stage.server.url, { number: 3 });
  await ours.join('managed');
  await jitsi.join('managed');
  await second.join('managed');
  await expectFullCall([jitsi, second, ours]);

  const room = (await ask('GET', '')) as { occupants: { id: string; displayName: string }[] };
  const shown = room.occupants.map(({ id, displayName }) => `${id} ${displayName}`).sort();
  const here = [jitsi, second, ours].map(({ id, number }) => `${id} participant ${number}`).sort();
  expect(shown).toEqual(here);

  await ask('POST', `/occupants/${jitsi.id}/mute`, { media: ['audio'] });
  await waitUntil('the Jitsi client to be muted', () =>
    jitsi.participant.page.evaluate(() => window.call.isMuted('audio')),
  );
  await waitUntil('it not to be heard', async () => {
    const remote = (await ours.readRemote()).find(({ id }) => id === jitsi.id);
    return remote?.tones.length === 0;
  });
  // Who was muted by the administrator may speak again.
  await jitsi.participant.page.evaluate(() => window.call.setMuted('audio', false));
  await expectSeesAndHears(ours, [1, 2]);

  expect(await second.isModerator()).toBe(false);
  await ask('PUT', `/occupants/${second.id}/moderator`, { enabled: true });
  await waitUntil('the second to be moderator', () => second.isModerator());

  await ask('PUT', '/password', { password: 'sesame' });
  const late = await WebClient.open(stage.browser, stage.server.url, { number: 4 });
  await late.join('managed', { password: 'sesame' });
  await late.close();

  await ask('POST', `/occupants/${second.id}/kick`, { reason: 'Enough' });
  await waitUntil('the second to be removed', async () => {
    return (await second.eventsOf('KICKED')).length > 0;
  });
  await expectFullCall([jitsi, ours]);

  await ask('POST', '/end', { reason: 'Time is up' });
  await waitUntil('the meeting to be over', async () => {
    const failures = await jitsi.eventsOf('CONFERENCE_FAILED');
    return failures.some(({ args }) => String(args[0]).includes('destroyed'));
  });
  await ours.sees('The meeting has ended');
});
