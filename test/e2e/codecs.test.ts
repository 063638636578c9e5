/**
 * Every video codec of Jitsi's clients through the bridge: what is sent is decoded, and (with a library that
 * sends layers) one receiver gets a small one while another gets the large one, be they streams or parts of one.
 */
import { waitUntil } from '@conclave/testkit';
import { describe, expect, test } from 'vitest';
import { expectFullCall } from './expect-call.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { useStage } from './stage.ts';
import { WebClient } from './web-client.ts';

/** Jitsi's clients take the order that each test gives them, ours that of the server. */
const stage = useStage({
  env: {
    CODEC_ORDER_JVB: 'AV1,VP9,VP8,H264',
    ENABLE_CODEC_OPUS_RED: '1',
    ENABLE_OPUS_RED: '1',
  },
});

type Stats = Readonly<Record<string, unknown>>;

async function statsOf({ participant }: LjmClient | WebClient): Promise<Stats[]> {
  const connections = await participant.page.evaluate(() => window.signedMedia.readStats());
  return connections.flat();
}

/** What `receiver` gets of `sender`'s camera. */
async function readVideo(receiver: LjmClient | WebClient, sender: LjmClient | WebClient) {
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
  // Streams are found by the sender's SSRC.
  const flags = { ssrcRewritingEnabled: false };
  const config = { p2p: { enabled: false }, flags, videoQuality };
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
    // A busy sender may change the size of what it sends: what counts is that both have the same.
    const large = await waitUntil(
      'the large layer for both',
      async () => {
        const [a, b] = await Promise.all([readVideo(rich, sender), readVideo(poor, sender)]);
        return a.height > 200 && a.height === b.height && a.height;
      },
      { timeoutMs: 30_000 },
    );
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

/** What is sent, by the names of the codecs. */
async function sentCodecs(client: LjmClient | WebClient): Promise<string[]> {
  const stats = await statsOf(client);
  const used = stats.filter(({ type, active }) => type === 'outbound-rtp' && active !== false);
  return used.map(({ codecId }) => String(stats.find(({ id }) => id === codecId)?.mimeType));
}

test('our client sends the codec that the server puts first', async () => {
  const clients = [
    await WebClient.open(stage.browser, stage.server.url, { number: 4, width: 320, height: 180 }),
    await WebClient.open(stage.browser, stage.server.url, { number: 5, width: 320, height: 180 }),
  ];
  for (const client of clients) await client.join('codec-ours');
  await expectFullCall(clients);
  for (const client of clients) expect(await sentCodecs(client)).toContain('video/AV1');
});

test('Opus with redundancy reaches those who have it, and Opus the others', async () => {
  const config = (enableOpusRed: boolean) => ({ p2p: { enabled: false }, enableOpusRed });
  const clients = [
    await LjmClient.open(stage.browser, stage.ljmSite, { number: 6, config: config(true) }),
    await LjmClient.open(stage.browser, stage.ljmSite, { number: 7, config: config(false) }),
  ];
  for (const client of clients) await client.join('codec-red');
  await expectFullCall(clients);
  // Chromium names Opus in its statistics either way; with a copy of the frame before, packets are twice as large.
  const bytesPerPacket = async (client: LjmClient) => {
    const stats = await statsOf(client);
    const audio = stats.find(({ type, kind }) => type === 'outbound-rtp' && kind === 'audio');
    return Number(audio?.bytesSent) / Number(audio?.packetsSent);
  };
  const [withRed = 0, without = 0] = await Promise.all(clients.map(bytesPerPacket));
  expect(withRed).toBeGreaterThan(1.5 * without);
});

/** What the answer to an offer with this says: send next to nothing while it is quiet (RFC 7587 §3.1.3). */
function askForDtx(): void {
  const { prototype } = RTCPeerConnection;
  const setRemoteDescription = prototype.setRemoteDescription;
  prototype.setRemoteDescription = function (this: RTCPeerConnection, description) {
    const sdp = description.sdp?.replace(/^(a=fmtp:111 .*)$/gm, '$1;usedtx=1') ?? '';
    return Reflect.apply(setRemoteDescription, this, [{ ...description, sdp }]);
  };
}

test('Opus that pauses (DTX): quiet costs nothing, and the next word is heard at once', async () => {
  const open = (number: number) =>
    WebClient.open(stage.browser, stage.server.url, { number, width: 320, height: 180 });
  const [speaker, listener] = [await open(8), await open(9)];
  await speaker.participant.page.addInitScript(askForDtx);
  for (const client of [speaker, listener]) await client.join('codec-dtx');
  await expectFullCall([speaker, listener]);

  const readAudio = async (client: WebClient, type: string) =>
    (await statsOf(client)).find((stats) => stats.type === type && stats.kind === 'audio');
  const speak = (isSpeaking: boolean) =>
    speaker.participant.page.evaluate((is) => {
      const connection = window.conclave?.conference?.media.peerConnection;
      const senders = connection?.getSenders() ?? [];
      for (const { track } of senders) if (track?.kind === 'audio') track.enabled = is;
    }, isSpeaking);
  const before = await readAudio(listener, 'inbound-rtp');

  await speak(false);
  let last = await readAudio(speaker, 'outbound-rtp');
  await waitUntil('hardly a packet within two seconds', async () => {
    const now = await readAudio(speaker, 'outbound-rtp');
    if (Number(now?.timestamp) - Number(last?.timestamp) < 2000) return false;
    const packets = Number(now?.packetsSent) - Number(last?.packetsSent);
    last = now;
    return packets < 20;
  });
  await speak(true);
  await expectFullCall([speaker, listener]);
  const after = await readAudio(listener, 'inbound-rtp');
  expect(Number(after?.packetsLost) - Number(before?.packetsLost)).toBeLessThan(3);
});
