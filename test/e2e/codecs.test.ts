/**
 * Every video codec of Jitsi's clients through the bridge: what is sent is decoded, and (with a library that
 * sends layers) one receiver gets a small one while another gets the large one, be they streams or parts of one.
 */
import { waitUntil } from '@conclave/testkit';
import { describe, expect, test } from 'vitest';
import { expectFullCall } from './expect-call.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { useStage } from './stage.ts';

const stage = useStage();

type Stats = Readonly<Record<string, unknown>>;

async function statsOf({ participant }: LjmClient): Promise<Stats[]> {
  const connections = await participant.page.evaluate(() => window.signedMedia.readStats());
  return connections.flat();
}

/** What `receiver` gets of `sender`'s camera. */
async function readVideo(receiver: LjmClient, sender: LjmClient) {
  const sent = (await statsOf(sender)).filter(
    ({ type, kind }) => type === 'outbound-rtp' && kind === 'video',
  );
  const stats = await statsOf(receiver);
  const video = stats.find(
    ({ type, ssrc }) => type === 'inbound-rtp' && sent.some((stream) => stream.ssrc === ssrc),
  );
  const codec = stats.find(({ id }) => id === video?.codecId);
  return {
    codec: String(codec?.mimeType),
    height: Number(video?.frameHeight),
    framesDecoded: Number(video?.framesDecoded),
  };
}

function open(number: number, codec: string, size: object): Promise<LjmClient> {
  const videoQuality = { codecPreferenceOrder: [codec], preferredCodec: codec };
  const config = { p2p: { enabled: false }, videoQuality };
  return LjmClient.open(stage.browser, stage.ljmSite, { number, config, ...size });
}

const assume = ({ participant }: LjmClient, bps: number) =>
  participant.page.evaluate((b) => window.call.assumeBandwidth(b), bps);

/** The library of 2021 does not know AV1, and sends one layer of anything but VP8. */
const IS_OLD = process.env.LJM_BUNDLE === undefined;
const CODECS = IS_OLD ? ['VP9', 'H264'] : ['VP9', 'AV1', 'H264'];

describe.each(CODECS)('%s', (codec) => {
  test('two receivers get two layers of it at the same time', async () => {
    const [rich, poor, sender] = [
      await open(1, codec, { width: 320, height: 180 }),
      await open(2, codec, { width: 320, height: 180 }),
      // Of a camera below 960 x 540 the current library sends nothing above half its height.
      await open(3, codec, { width: 960, height: 540 }),
    ];
    const clients = [rich, poor, sender];
    for (const client of clients) await client.join(`codec-${codec.toLowerCase()}`);
    await expectFullCall(clients);
    const reaches = (receiver: LjmClient, isRight: (height: number) => boolean, what: string) =>
      waitUntil(
        what,
        async () => {
          const { height } = await readVideo(receiver, sender);
          return isRight(height) && height;
        },
        { timeoutMs: 20_000 },
      );
    const large = await reaches(rich, (height) => height > 200, 'the large layer');
    await reaches(poor, (height) => height === large, 'the large layer for both');
    expect((await readVideo(rich, sender)).codec).toBe(`video/${codec}`);

    if (IS_OLD) return;

    let assumedBps = 200_000;
    await waitUntil(
      'the small layer',
      async () => {
        // Too little suspends the video, and its height stays what it was.
        assumedBps *= 0.8;
        await assume(poor, assumedBps);
        const { height } = await readVideo(poor, sender);
        return height <= large / 2;
      },
      { timeoutMs: 30_000, intervalMs: 1000 },
    );
    const before = await Promise.all([readVideo(rich, sender), readVideo(poor, sender)]);
    expect(before[0].height).toBe(large);
    await waitUntil('both to be decoded', async () => {
      const now = await Promise.all([readVideo(rich, sender), readVideo(poor, sender)]);
      return now.every(({ framesDecoded }, i) => framesDecoded > before[i]!.framesDecoded + 5);
    });
    expect((await readVideo(rich, sender)).height).toBe(large);

    await assume(poor, 20_000_000);
    await reaches(poor, (height) => height === large, 'the large layer again');
    await expectFullCall(clients);
  }, 90_000);
});
