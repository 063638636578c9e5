/** A real browser decodes what is left when the bridge leaves out temporal layers, and all of it after. */
import { waitUntil } from '@conclave/testkit';
import { test } from 'vitest';
import { expectFullCall } from './expect-call.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { useStage } from './stage.ts';

const stage = useStage();

interface Rates {
  readonly framesPerSecond: number;
  readonly bps: number;
  readonly height: number;
}

/** Of the one video that `client` gets, decoded, over `durationMs` from now on. */
async function measure(client: LjmClient, durationMs: number): Promise<Rates> {
  const from = await readVideo(client);
  await new Promise((resolve) => setTimeout(resolve, durationMs));
  const to = await readVideo(client);
  const perSecond = (name: string) =>
    ((Number(to[name]) - Number(from[name])) * 1000) /
    (Number(to.timestamp) - Number(from.timestamp));
  return {
    framesPerSecond: perSecond('framesDecoded'),
    bps: perSecond('bytesReceived') * 8,
    height: Number(to.frameHeight),
  };
}

async function readVideo(client: LjmClient): Promise<Readonly<Record<string, unknown>>> {
  const connections = await client.participant.page.evaluate(() => window.signedMedia.readStats());
  const video = connections
    .flat()
    .find(({ type, kind }) => type === 'inbound-rtp' && kind === 'video');
  if (video === undefined) throw new Error('no video arrives');
  return video;
}

test('fewer frames with little bandwidth, all of them again with much', async () => {
  const config = { p2p: { enabled: false } };
  const open = (number: number) => LjmClient.open(stage.browser, stage.ljmSite, { number, config });
  const [receiver, sender] = [await open(1), await open(2)];
  for (const client of [receiver, sender]) await client.join('thrifty');
  await expectFullCall([receiver, sender]);
  const assume = (bps: number) =>
    receiver.participant.page.evaluate((b) => window.call.assumeBandwidth(b), bps);
  /** Lowers the bandwidth from `bps` on until `isReached`. */
  const lowerUntil = async (bps: number, isReached: (rates: Rates) => boolean): Promise<Rates> => {
    for (let assumedBps = bps; assumedBps > 2000; assumedBps *= 0.8) {
      await assume(assumedBps);
      await measure(receiver, 500); // a key frame, if it takes one
      const rates = await measure(receiver, 1500);
      if (isReached(rates)) return rates;
    }
    throw new Error(`never reached from ${Math.round(bps)} bit/s on`);
  };

  // The first pictures may be small: the higher layer comes when its sender has it.
  const full = await waitUntil(
    'the picture at full height and rate',
    async () => {
      const rates = await measure(receiver, 1500);
      return rates.height === 360 && rates.framesPerSecond > 8 && rates;
    },
    { timeoutMs: 20_000 },
  );
  // Half is 0.5, a quarter 0.25; the limits lie between, for a window counts few frames.
  const isBelow = (part: number) => (rates: Rates) =>
    rates.height === 180 && rates.framesPerSecond < part * full.framesPerSecond;
  const whole = await lowerUntil(full.bps, ({ height }) => height === 180);
  const half = await lowerUntil(whole.bps, isBelow(0.7));
  await lowerUntil(half.bps, isBelow(0.4));
  await expectFullCall([receiver, sender]);

  await assume(20_000_000);
  await waitUntil(
    'all frames at full height',
    async () => {
      const { height, framesPerSecond } = await measure(receiver, 1000);
      return height === 360 && framesPerSecond > 0.8 * full.framesPerSecond;
    },
    { timeoutMs: 10_000 },
  );
  await expectFullCall([receiver, sender]);
}, 90_000);
