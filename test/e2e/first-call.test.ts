/** The first call through our own bridge, on each client and mixed; peer-to-peer off. */
import { test } from 'vitest';
import { LjmClient } from './ljm/ljm-client.ts';
import { useStage } from './stage.ts';
import { tellFirstCall } from './tell-call.ts';
import { WebClient } from './web-client.ts';

const stage = useStage();

function openJitsi(number: number): Promise<LjmClient> {
  const config = { p2p: { enabled: false } };
  return LjmClient.open(stage.browser, stage.ljmSite, { number, config });
}

function openOurs(number: number): Promise<WebClient> {
  return WebClient.open(stage.browser, stage.server.url, { number });
}

test('three unmodified Jitsi clients', async () => {
  await tellFirstCall('standup', await Promise.all([openJitsi(1), openJitsi(2), openJitsi(3)]));
});

test('three of our clients', async () => {
  await tellFirstCall('retro', await Promise.all([openOurs(4), openOurs(5), openOurs(6)]));
});

test('two of ours and a Jitsi client', async () => {
  await tellFirstCall('mixed', await Promise.all([openJitsi(7), openOurs(8), openOurs(9)]));
});
