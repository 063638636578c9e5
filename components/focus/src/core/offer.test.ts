import { expect, test } from 'vitest';
import { DEFAULT_CODECS, DEFAULT_HEADER_EXTENSIONS } from './codecs.ts';
import { FEATURE } from './features.ts';
import { offeredMedia } from './offer.ts';

/** Names of what is offered for video's congestion control. */
function congestionControl(...features: readonly string[]): string[] {
  const options = { codecs: DEFAULT_CODECS, headerExtensions: DEFAULT_HEADER_EXTENSIONS };
  const all = new Set([FEATURE.audio, FEATURE.video, FEATURE.rtx, ...features]);
  const video = offeredMedia(options, all).find(({ type }) => type === 'video')!;
  const vp8 = video.payloadTypes.find(({ name }) => name === 'VP8')!;
  const feedback = vp8.rtcpFeedback.map(({ type }) => type);
  const extensions = video.headerExtensions.map(({ uri }) => uri.split('/').at(-1)!);
  return [...feedback, ...extensions].filter((name) => /remb|send-time|transport/.test(name));
}

test('one way of congestion control is offered: transport-wide feedback before REMB', () => {
  const transportWide = ['transport-cc', 'draft-holmer-rmcat-transport-wide-cc-extensions-01'];
  expect(congestionControl(FEATURE.transportCc)).toEqual(transportWide);
  expect(congestionControl(FEATURE.transportCc, FEATURE.remb)).toEqual(transportWide);
  expect(congestionControl(FEATURE.remb)).toEqual(['goog-remb', 'abs-send-time']);
  expect(congestionControl()).toEqual([]);
});
