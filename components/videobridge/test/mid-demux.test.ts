/** Story: a receiver in rewriting mode that tells lines of its session description apart by the MID (RFC 9143 §15). */
import { describe, expect, test } from 'vitest';
import { MEDIA, TestBridge } from './test-bridge.ts';
import type { TestEndpoint } from './test-endpoint.ts';

const MID = { id: 10, uri: 'urn:ietf:params:rtp-hdrext:sdes:mid' };
const WITH_MIDS = MEDIA.map((media) => ({
  ...media,
  headerExtensions: [...media.headerExtensions.filter(({ id }) => id !== MID.id), MID],
}));
const BY_MID = { ssrcRewriting: true, midDemux: true };

/** MID by SSRC, as the receiver was told. */
function toldMids(endpoint: TestEndpoint): Map<number, string | undefined> {
  const mids = new Map<number, string | undefined>();
  for (const { mappedSources } of endpoint.heard('AudioSourcesMap')) {
    for (const { ssrc, mid } of mappedSources) mids.set(ssrc, mid);
  }
  for (const { mappedSources } of endpoint.heard('VideoSourcesMap')) {
    for (const { ssrc, rtx, mid } of mappedSources) mids.set(ssrc, mid).set(rtx, mid);
  }
  return mids;
}

function stream(bridge: TestBridge, sender: TestEndpoint): void {
  for (let i = 0; i < 20; i++) {
    sender.sendAudio(30);
    sender.sendFrame([0, 1, 2], { isKey: i === 0 });
    bridge.advance(20);
  }
}

describe('MID', () => {
  test('is in every packet of a slot, its repeats too, and told before with the SSRC', () => {
    const bridge = new TestBridge();
    const [ann, cem] = ['ann', 'cem'].map((id) => bridge.join(id, WITH_MIDS)) as [
      TestEndpoint,
      TestEndpoint,
    ];
    const bob = bridge.join('bob', WITH_MIDS, BY_MID);
    bob.want({ defaultConstraints: { maxHeight: 720 } });
    for (const sender of [ann, cem]) stream(bridge, sender);
    const told = toldMids(bob);
    expect([...new Set(told.values())].sort()).toEqual(['a0', 'a1', 'v0', 'v1']);

    const [picture] = bob.received().filter(({ payloadType }) => payloadType === 100);
    bob.sendNack(picture!.ssrc, [bob.received(picture!.ssrc).at(-1)!.seq]);
    const kinds = new Set<number>();
    for (const { ssrc, mid, payloadType, transportSeq, audioLevel } of bob.received()) {
      kinds.add(payloadType);
      expect(mid).toBe(told.get(ssrc));
      // The other extension is there as ever.
      if (payloadType === 111) expect(audioLevel).toBe(30);
      else expect(transportSeq).toBeGreaterThan(0);
    }
    expect([...kinds].sort()).toEqual([100, 111, 96]);
  });

  test('stays with the slot when another source takes it over', () => {
    const bridge = new TestBridge({ bridge: { ssrcSlots: { audio: 1, video: 1 } } });
    const ann = bridge.join('ann', WITH_MIDS);
    const bob = bridge.join('bob', WITH_MIDS, BY_MID);
    bob.want({ defaultConstraints: { maxHeight: 720 } });
    stream(bridge, ann);
    bridge.colibri({ endpoints: [{ id: 'ann', expire: true }] });
    const cem = bridge.join('cem', WITH_MIDS);
    stream(bridge, cem);
    const told = bob.heard('VideoSourcesMap').flatMap(({ mappedSources }) => mappedSources);
    expect(new Set(told.map(({ source }) => source))).toEqual(new Set(['ann-v0', 'cem-v0']));
    expect(new Set(told.map(({ mid }) => mid))).toEqual(new Set(['v0']));
    expect(new Set(bob.received().map(({ mid }) => mid))).toEqual(new Set(['a0', 'v0']));
  });

  test('is nowhere without the header extension, nor when it is not asked for', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann', WITH_MIDS);
    const withoutExtension = MEDIA.map((media) => ({
      ...media,
      headerExtensions: media.headerExtensions.filter(({ id }) => id !== MID.id),
    }));
    const bob = bridge.join('bob', withoutExtension, BY_MID);
    const cem = bridge.join('cem', WITH_MIDS, { ssrcRewriting: true });
    for (const receiver of [bob, cem]) receiver.want({ defaultConstraints: { maxHeight: 720 } });
    stream(bridge, ann);
    for (const receiver of [bob, cem]) {
      expect(receiver.received().length).toBeGreaterThan(20);
      expect(new Set(receiver.received().map(({ mid }) => mid))).toEqual(new Set(['']));
      expect(new Set(toldMids(receiver).values())).toEqual(new Set([undefined]));
    }
  });
});
