/** A real browser decodes what is left when the bridge leaves out temporal layers, and all of it after. */
import { waitUntil } from '@conclave/testkit';
import { test } from 'vitest';
import { expectFullCall } from './expect-call.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { useStage } from './stage.ts';

const stage = useStage();

/** The largest of a quarter, half and all of 540 that is within the 360 that are asked for. */
const WANTED_HEIGHT = 270;

interface Rates {
  /** Frames decoded, of those that were encoded at this height meanwhile: a slow machine changes both. */
  readonly partOfFrames: number;
  readonly bps: number;
  readonly height: number;
}

type Stats = Readonly<Record<string, unknown>>;

/** Of the one video that `receiver` gets from `sender`, over `durationMs` from now on. */
async function measure(receiver: LjmClient, sender: LjmClient, durationMs: number): Promise<Rates> {
  const from = await readBoth(receiver, sender);
  await new Promise((resolve) => setTimeout(resolve, durationMs));
  const to = await readBoth(receiver, sender);
  const height = Number(to.received.frameHeight);
  const encoded = (encodings: readonly Stats[]) =>
    Number(encodings.find(({ frameHeight }) => frameHeight === height)?.framesEncoded);
  const received = (name: string) => Number(to.received[name]) - Number(from.received[name]);
  return {
    partOfFrames: received('framesDecoded') / (encoded(to.sent) - encoded(from.sent)),
    bps: (received('bytesReceived') * 8000) / received('timestamp'),
    height,
  };
}

async function readBoth(
  receiver: LjmClient,
  sender: LjmClient,
): Promise<{ received: Stats; sent: readonly Stats[] }> {
  const read = async (client: LjmClient, wanted: string) => {
    const connections = await client.participant.page.evaluate(() =>
      window.signedMedia.readStats(),
    );
    return connections.flat().filter(({ type, kind }) => type === wanted && kind === 'video');
  };
  const [[received], sent] = await Promise.all([
    read(receiver, 'inbound-rtp'),
    read(sender, 'outbound-rtp'),
  ]);
  if (received === undefined) throw new Error('no video arrives');
  return { received, sent };
}

test('fewer frames with little bandwidth, all of them again with much', async () => {
  const config = { p2p: { enabled: false } };
  const open = (number: number, size: object) =>
    LjmClient.open(stage.browser, stage.ljmSite, { number, config, ...size });
  // Of a camera below 960 x 540 the current library and Chromium send nothing above half its height.
  const [receiver, sender] = [
    await open(1, { width: 320, height: 180 }),
    await open(2, { width: 960, height: 540 }),
  ];
  for (const client of [receiver, sender]) await client.join('thrifty');
  await expectFullCall([receiver, sender]);
  const assume = (bps: number) =>
    receiver.participant.page.evaluate((b) => window.call.assumeBandwidth(b), bps);
  /** Lowers the bandwidth from `bps` on until `isReached`. */
  const lowerUntil = async (bps: number, isReached: (rates: Rates) => boolean): Promise<Rates> => {
    for (let assumedBps = bps; assumedBps > 2000; assumedBps *= 0.8) {
      await assume(assumedBps);
      await measure(receiver, sender, 500); // a key frame, if it takes one
      const rates = await measure(receiver, sender, 1500);
      if (isReached(rates)) return rates;
    }
    throw new Error(`never reached from ${Math.round(bps)} bit/s on`);
  };

  // The first pictures may be small: the higher layer comes when its sender has it.
  const full = await waitUntil(
    'the picture at full height and rate',
    async () => {
      const rates = await measure(receiver, sender, 1500);
      return rates.height === WANTED_HEIGHT && rates.partOfFrames > 0.8 && rates;
    },
    { timeoutMs: 20_000 },
  );
  // Half is 0.5, a quarter 0.25; the limits lie between, for a window counts few frames.
  const isBelow = (part: number) => (rates: Rates) =>
    rates.height < WANTED_HEIGHT && rates.partOfFrames > 0.1 && rates.partOfFrames < part;
  const whole = await lowerUntil(full.bps, isBelow(2));
  const half = await lowerUntil(whole.bps, isBelow(0.7));
  await lowerUntil(half.bps, isBelow(0.4));
  await expectFullCall([receiver, sender]);

  await assume(20_000_000);
  await waitUntil(
    'all frames at full height',
    async () => {
      const { height, partOfFrames } = await measure(receiver, sender, 1000);
      return height === WANTED_HEIGHT && partOfFrames > 0.8;
    },
    { timeoutMs: 10_000 },
  );
  await expectFullCall([receiver, sender]);
}, 90_000);
