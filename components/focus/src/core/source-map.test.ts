import { expect, test } from 'vitest';
import { microphone } from '../scenarios/sample-sources.ts';
import { SourceMap } from './source-map.ts';

test('no participant has an SSRC of any bridge that the conference is on', () => {
  const sources = new SourceMap({
    maxSsrcsPerParticipant: 20,
    maxGroupsPerParticipant: 20,
    maxAudioSenders: undefined,
    maxVideoSenders: undefined,
  });
  sources.reserve([1, 2]);
  sources.reserve([3, 4]);
  for (const ssrc of [1, 2, 3, 4]) {
    expect(sources.tryAdd('aaaa1111', microphone('aaaa1111', ssrc))?.text).toContain('in use');
  }
  expect(sources.tryAdd('aaaa1111', microphone('aaaa1111', 5))).toBeUndefined();
});
