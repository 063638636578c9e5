/** Receivers in rewriting mode: what they are told of whose SSRCs are whose, and people who send something to them. */
import type { AudioSourceMapping, VideoSourceMapping } from '@conclave/protocols/bridge-channel';
import { TestBridge } from './test-bridge.ts';
import { type ReceivedPacket, readMark, type TestEndpoint } from './test-endpoint.ts';

const ALL = [0, 1, 2];
export const REWRITING = { ssrcRewriting: true };

export function bridgeWith(audio: number, video: number): TestBridge {
  return new TestBridge({ bridge: { ssrcSlots: { audio, video } } });
}

/** Whose each SSRC is after everything that the endpoint heard. */
export function videoMap(endpoint: TestEndpoint): Map<string, VideoSourceMapping> {
  const bySsrc = new Map<number, VideoSourceMapping>();
  for (const { mappedSources } of endpoint.heard('VideoSourcesMap')) {
    for (const mapping of mappedSources) bySsrc.set(mapping.ssrc, mapping);
  }
  return new Map([...bySsrc.values()].map((mapping) => [mapping.source, mapping]));
}

export function audioMap(endpoint: TestEndpoint): Map<string, AudioSourceMapping> {
  const bySsrc = new Map<number, AudioSourceMapping>();
  for (const { mappedSources } of endpoint.heard('AudioSourcesMap')) {
    for (const mapping of mappedSources) bySsrc.set(mapping.ssrc, mapping);
  }
  return new Map([...bySsrc.values()].map((mapping) => [mapping.source, mapping]));
}

export function stream(bridge: TestBridge, senders: readonly TestEndpoint[], frames: number): void {
  for (let i = 0; i < frames; i++) {
    for (const sender of senders) sender.sendFrame(ALL, { isKey: i === 0 });
    bridge.advance(33);
  }
}

/** Who sent each packet, without repetition in a row. */
export function sendersOf(packets: readonly ReceivedPacket[]): number[] {
  const senders = packets.map(({ payload }) => readMark(payload).sender);
  return senders.filter((sender, i) => sender !== senders[i - 1]);
}

export function talk(bridge: TestBridge, ...speakers: readonly TestEndpoint[]): void {
  for (let i = 0; i < 20; i++) {
    for (const speaker of speakers) speaker.sendAudio(30);
    bridge.advance(20);
  }
}
