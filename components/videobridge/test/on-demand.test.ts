/** Story: what nobody sees or hears for a while is forgotten, and comes back as if it had never been. */
import { expect, test } from 'vitest';
import { discontinuities } from './discontinuities.ts';
import { MEDIA, TestBridge } from './test-bridge.ts';
import { MEETING, type TestEndpoint } from './test-endpoint.ts';

const ALL = [0, 1, 2];
/** Longer than anything is remembered that is not wanted. */
const LONG_MS = 45_000;

interface Known {
  readonly heard: readonly string[];
  readonly received: readonly { readonly source: string }[];
}

/** What the bridge has at hand for the endpoint. */
function known(endpoint: TestEndpoint): Known {
  const { core, nowMs } = endpoint.bridge;
  const query = { meetingId: MEETING, endpointId: endpoint.id, isFull: true };
  return core.debugState(query, nowMs) as unknown as Known;
}

function show(sender: TestEndpoint, frames: number): void {
  for (let i = 0; i < frames; i++) {
    sender.sendFrame(ALL, { isKey: i === 0 });
    sender.bridge.advance(33);
  }
}

function talk(sender: TestEndpoint, packets: number): void {
  for (let i = 0; i < packets; i++) {
    sender.sendAudio(30);
    sender.bridge.advance(20);
  }
}

function expectNoGap(endpoint: TestEndpoint, ssrc: number): void {
  const packets = endpoint.received(ssrc);
  packets.slice(1).forEach((packet, i) => {
    expect(packet.extendedSeq).toBe(packets[i]!.extendedSeq + 1);
  });
}

test.each([
  ['under its own SSRC', {}],
  ['under one of ours', { ssrcRewriting: true }],
])('a video %s that others are looked at instead of', (_name, options) => {
  const bridge = new TestBridge({ bridge: { ssrcSlots: { audio: 1, video: 1 } } });
  const [ann, cem] = ['ann', 'cem'].map((id) => bridge.join(id)) as [TestEndpoint, TestEndpoint];
  const bob = bridge.join('bob', MEDIA, options);
  expect(known(bob).received).toEqual([]);
  const look = (name: string) => bob.want({ lastN: 1, onStageSources: [name] });
  look('ann-v0');
  show(ann, 5);
  look('cem-v0');
  show(cem, 5);
  // What was lost of her may still be asked for.
  expect(known(bob).received.map(({ source }) => source)).toEqual(['ann-v0', 'cem-v0']);
  bridge.advance(LONG_MS);
  expect(known(bob).received.map(({ source }) => source)).toEqual(['cem-v0']);
  look('ann-v0');
  show(ann, 5);
  expect(known(bob).received.map(({ source }) => source)).toContain('ann-v0');
  const ssrcs = new Set(bob.received().map(({ ssrc }) => ssrc));
  expect(ssrcs.size).toBe('ssrcRewriting' in options ? 1 : 2);
  for (const ssrc of ssrcs) expect(discontinuities(bob.received(ssrc))).toEqual([]);
  // Twice hers and once his, of three packets each.
  expect(bob.received()).toHaveLength(3 * 5 * 3);
});

test('a voice', () => {
  const bridge = new TestBridge();
  const [ann, bob] = ['ann', 'bob'].map((id) => bridge.join(id)) as [TestEndpoint, TestEndpoint];
  expect(known(bob).heard).toEqual([]);
  talk(ann, 10);
  expect(known(bob).heard).toEqual(['ann-a0']);
  // Who comes later is in the middle of it.
  const cem = bridge.join('cem');
  talk(ann, 10);
  expect(cem.received(ann.audioSsrc)).toHaveLength(10);
  bridge.advance(LONG_MS);
  expect([bob, cem].map((endpoint) => known(endpoint).heard)).toEqual([[], []]);
  talk(ann, 10);
  expect(bob.received(ann.audioSsrc)).toHaveLength(30);
  for (const receiver of [bob, cem]) expectNoGap(receiver, ann.audioSsrc);
});

test('a voice that has no place among those under our SSRCs', () => {
  const bridge = new TestBridge({ bridge: { ssrcSlots: { audio: 1, video: 1 } } });
  const [ann, cem] = ['ann', 'cem'].map((id) => bridge.join(id)) as [TestEndpoint, TestEndpoint];
  const bob = bridge.join('bob', MEDIA, { ssrcRewriting: true });
  bob.want({});
  bridge.advance(1000);
  // There is a place for one before she speaks.
  expect(known(bob).heard).toEqual(['ann-a0']);
  talk(ann, 10);
  talk(cem, 20);
  talk(ann, 20);
  expect([...known(bob).heard].sort()).toEqual(['ann-a0', 'cem-a0']);
  bridge.advance(LONG_MS);
  expect(known(bob).heard).toEqual(['ann-a0']);
  talk(cem, 20);
  const [ssrc] = bob.received().map((packet) => packet.ssrc);
  expectNoGap(bob, ssrc!);
  expect(new Set(bob.received().map(({ payload }) => payload[0]))).toEqual(
    new Set([ann.number, cem.number]),
  );
});

test('of forty people each has at hand what it sees and hears, not all that there is', () => {
  const bridge = new TestBridge();
  const people = Array.from({ length: 40 }, (_, i) => bridge.join(`p${i}`));
  const [speaker, ...others] = people;
  for (const person of people) person.want({ lastN: 2 });
  talk(speaker!, 5);
  const counts = (person: TestEndpoint) => {
    const { heard, received } = known(person);
    return { heard: heard.length, received: received.length };
  };
  expect(counts(speaker!)).toEqual({ heard: 0, received: 2 });
  for (const person of others) expect(counts(person)).toEqual({ heard: 1, received: 2 });
});
