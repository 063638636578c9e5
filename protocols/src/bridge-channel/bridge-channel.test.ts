import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type BridgeMessage,
  CHANNEL_LIMITS,
  type ClientMessage,
  parseBridgeMessage,
  parseClientMessage,
  writeChannelMessage,
} from './index.ts';
import { nestsDeeperThan } from './limits.ts';

const clientMessages: ClientMessage[] = [
  { colibriClass: 'ClientHello' },
  {
    colibriClass: 'ReceiverVideoConstraints',
    lastN: 20,
    selectedSources: ['b-v1'],
    onStageSources: ['b-v0'],
    defaultConstraints: { maxHeight: 180 },
    constraints: { 'b-v0': { maxHeight: 720, maxFrameRate: 30 } },
    assumedBandwidthBps: -1,
  },
  { colibriClass: 'ReceiverVideoConstraints', onStageEndpoints: ['b'], selectedEndpoints: [] },
  { colibriClass: 'LastNChangedEvent', lastN: -1 },
  { colibriClass: 'SelectedEndpointsChangedEvent', selectedEndpoints: ['a', 'b'] },
  { colibriClass: 'ReceiverVideoConstraint', maxFrameHeight: 360 },
  { colibriClass: 'SourceVideoTypeMessage', sourceName: 'a-v1', videoType: 'desktop' },
  { colibriClass: 'VideoTypeMessage', videoType: 'none' },
  { colibriClass: 'ReceiverAudioSubscription', all: true, include: [], exclude: ['a-a0'] },
  { colibriClass: 'EndpointMessage', to: '', msgPayload: { type: 'reaction' } },
  { colibriClass: 'EndpointStats', bitrate: { upload: 1 }, jvbRTT: 3 },
];

const bridgeMessages: BridgeMessage[] = [
  { colibriClass: 'ServerHello', version: '1' },
  { colibriClass: 'SenderSourceConstraints', sourceName: 'a-v0', maxHeight: 180 },
  { colibriClass: 'SenderVideoConstraints', videoConstraints: { idealHeight: 720 } },
  { colibriClass: 'ForwardedSources', forwardedSources: ['b-v0'] },
  { colibriClass: 'LastNEndpointsChangeEvent', lastNEndpoints: ['b'] },
  {
    colibriClass: 'DominantSpeakerEndpointChangeEvent',
    dominantSpeakerEndpoint: 'b',
    previousSpeakers: ['c'],
    silence: false,
  },
  { colibriClass: 'ConnectionStats', estimatedDownlinkBandwidth: 2_500_000 },
  { colibriClass: 'EndpointConnectivityStatusChangeEvent', endpoint: 'b', active: 'false' },
  {
    colibriClass: 'AudioSourcesMap',
    mappedSources: [{ source: 'b-a0', owner: 'b', ssrc: 0xffff_ffff }],
  },
  {
    colibriClass: 'VideoSourcesMap',
    mappedSources: [{ source: 'b-v0', owner: 'b', ssrc: 1, rtx: 2, videoType: 'DESKTOP' }],
  },
  { colibriClass: 'EndpointMessage', to: 'a', from: 'b', msgPayload: {} },
  { colibriClass: 'EndpointStats', from: 'b', connectionQuality: 97 },
];

describe('bridge channel messages', () => {
  test.each(clientMessages)('reads what was written: $colibriClass (client)', (message) => {
    const result = parseClientMessage(writeChannelMessage(message));
    expect(result).toEqual({ type: 'message', message });
  });

  test.each(bridgeMessages)('reads what was written: $colibriClass (bridge)', (message) => {
    const result = parseBridgeMessage(writeChannelMessage(message));
    expect(result).toEqual({ type: 'message', message });
  });

  test.each([
    ['', 'not-json'],
    ['null', 'not-json'],
    ['[]', 'not-json'],
    ['"x"', 'not-json'],
    ['{', 'not-json'],
    ['{}', 'no-class'],
    ['{"colibriClass":5}', 'no-class'],
    ['{"colibriClass":"Nonsense"}', 'unknown-class'],
    ['{"colibriClass":"ForwardedSources"}', 'unknown-class'],
    ['{"colibriClass":"LastNChangedEvent"}', 'bad-field'],
    ['{"colibriClass":"LastNChangedEvent","lastN":"5"}', 'bad-field'],
    ['{"colibriClass":"LastNChangedEvent","lastN":-2}', 'bad-field'],
    ['{"colibriClass":"LastNChangedEvent","lastN":1e999}', 'bad-field'],
    ['{"colibriClass":"EndpointMessage","to":"a","msgPayload":"text"}', 'bad-field'],
    ['{"colibriClass":"EndpointMessage","to":"a","msgPayload":[]}', 'bad-field'],
    ['{"colibriClass":"EndpointMessage","to":7,"msgPayload":{}}', 'bad-field'],
    ['{"colibriClass":"SourceVideoTypeMessage","sourceName":"a","videoType":"x"}', 'bad-field'],
    ['{"colibriClass":"ReceiverVideoConstraints","constraints":[]}', 'bad-field'],
    ['{"colibriClass":"ReceiverVideoConstraints","constraints":{"a":5}}', 'bad-field'],
    ['{"colibriClass":"ReceiverVideoConstraints","onStageSources":[1]}', 'bad-field'],
  ])('refuses %s as %s', (text, reason) => {
    expect(parseClientMessage(text)).toEqual({ type: 'refused', reason });
  });

  test('refuses a message that is one character too long', () => {
    const frame = '{"colibriClass":"ClientHello","x":""}';
    const pad = (length: number) => frame.replace('""', `"${'y'.repeat(length - frame.length)}"`);
    expect(parseClientMessage(pad(CHANNEL_LIMITS.maxLength)).type).toBe('message');
    expect(parseClientMessage(pad(CHANNEL_LIMITS.maxLength + 1))).toEqual({
      type: 'refused',
      reason: 'too-long',
    });
  });

  test('refuses one level too deep, and one entry too many', () => {
    const nested = (depth: number) =>
      `{"colibriClass":"EndpointMessage","to":"","msgPayload":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`;
    expect(parseClientMessage(nested(CHANNEL_LIMITS.maxDepth - 1)).type).toBe('message');
    expect(parseClientMessage(nested(CHANNEL_LIMITS.maxDepth))).toEqual({
      type: 'refused',
      reason: 'too-deep',
    });
    const list = (count: number) =>
      JSON.stringify({
        colibriClass: 'SelectedEndpointsChangedEvent',
        selectedEndpoints: Array.from({ length: count }, (_, i) => `e${i}`),
      });
    expect(parseClientMessage(list(CHANNEL_LIMITS.maxEntries)).type).toBe('message');
    expect(parseClientMessage(list(CHANNEL_LIMITS.maxEntries + 1)).type).toBe('refused');
  });

  test('a source named like a property of Object is an ordinary key', () => {
    const result = parseClientMessage(
      '{"colibriClass":"ReceiverVideoConstraints","constraints":{"__proto__":{"maxHeight":1}}}',
    );
    if (result.type !== 'message') throw new Error(result.reason);
    if (result.message.colibriClass !== 'ReceiverVideoConstraints') throw new Error('class');
    expect(result.message.constraints?.constructor).toBeUndefined();
    expect(Object.keys(result.message.constraints ?? {})).toEqual(['__proto__']);
  });

  test('brackets inside strings are not depth', () => {
    expect(nestsDeeperThan('"[[[[\\"[[["', 0)).toBe(false);
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(nestsDeeperThan(JSON.stringify([text]), 1)).toBe(false);
      }),
    );
  });
});
