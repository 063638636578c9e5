/** The bridge channel as a WebRTC data channel (SCTP): a whole call hangs on it, as video is only sent to who asked for it there. */
import { expect, test } from 'vitest';
import { LjmClient } from './ljm/ljm-client.ts';
import { useStage } from './stage.ts';
import { tellFirstCall } from './tell-call.ts';
import { WebClient } from './web-client.ts';

const stage = useStage({ env: { JVB_PREFER_SCTP: '1' } });

function openJitsi(number: number): Promise<LjmClient> {
  return LjmClient.open(stage.browser, stage.ljmSite, {
    number,
    config: { p2p: { enabled: false } },
  });
}

/** What the browser says of its data channels. */
async function dataChannels({ participant }: LjmClient | WebClient) {
  const connections = await participant.page.evaluate(() => window.signedMedia.readStats());
  return connections.flat().filter(({ type }) => type === 'data-channel');
}

test('our client and two Jitsi clients with data channels', async () => {
  const ours = await WebClient.open(stage.browser, stage.server.url, { number: 1 });
  const clients = [ours, await openJitsi(2), await openJitsi(3)] as const;
  await tellFirstCall('sctp', clients);
  for (const client of clients.slice(0, 2)) {
    const [channel, ...others] = await dataChannels(client);
    expect(others).toEqual([]);
    expect(channel).toMatchObject({ state: 'open', label: 'JVB data channel' });
    expect(Number(channel?.messagesReceived)).toBeGreaterThan(2);
  }
});
