/** Mutated messages and random text: a result each time, nothing thrown. */
import { expect, test } from 'vitest';
import { parseBridgeMessage, parseClientMessage, parseRelayMessage } from './index.ts';

const seeds = [
  '{"colibriClass":"ReceiverVideoConstraints","lastN":20,"selectedSources":["b-v1"],"onStageSources":["b-v0"],"defaultConstraints":{"maxHeight":180},"constraints":{"b-v0":{"maxHeight":720}},"assumedBandwidthBps":-1}',
  '{"colibriClass":"EndpointMessage","to":"a","msgPayload":{"type":"x","list":[1,2,{"y":null}]}}',
  '{"colibriClass":"EndpointStats","bitrate":{"upload":1830,"download":520},"connectionQuality":97}',
  '{"colibriClass":"SenderSourceConstraints","sourceName":"a-v0","maxHeight":720}',
  '{"colibriClass":"DominantSpeakerEndpointChangeEvent","dominantSpeakerEndpoint":"a","previousSpeakers":["b"],"silence":false}',
  '{"colibriClass":"AudioSourcesMap","mappedSources":[{"source":"b-a0","owner":"b","ssrc":77}]}',
  '{"colibriClass":"VideoSourcesMap","mappedSources":[{"source":"b-v0","owner":"b","ssrc":78,"rtx":79,"videoType":"CAMERA"}]}',
  '{"colibriClass":"AddReceiver","bridgeId":"jvb","endpointId":"a","sourceName":"a-v0","videoConstraints":{"maxHeight":360}}',
  '{"colibriClass":"SourceVideoTypeMessage","endpointId":"a","sourceName":"a-v0","videoType":"camera"}',
];
const pieces = ['{', '}', '[', ']', '"', ':', ',', '-1', '1e400', 'null', 'true', '\\', '\u0000'];
const classes = ['LastNChangedEvent', 'ForwardedSources', 'ServerHello', 'ConnectionStats'];

test('100,000 mutated messages never throw', () => {
  let state = 0x2545f491;
  const next = (bound: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
  let accepted = 0;
  for (let i = 0; i < 100_000; i++) {
    let text = seeds[next(seeds.length)] ?? '';
    if (next(8) === 0)
      text = text.replace(
        /"colibriClass":"\w+"/,
        () => `"colibriClass":"${classes[next(classes.length)]}"`,
      );
    for (let edits = next(4); edits > 0; edits--) {
      const at = next(text.length + 1);
      text = text.slice(0, at) + (pieces[next(pieces.length)] ?? '') + text.slice(at + next(6));
    }
    for (const parse of [parseClientMessage, parseBridgeMessage, parseRelayMessage]) {
      const result = parse(text);
      if (result.type === 'message') {
        accepted++;
        expect(typeof result.message.colibriClass).toBe('string');
      }
    }
  }
  expect(accepted).toBeGreaterThan(1000);
});
