/** Story: voices for receivers in rewriting mode, which have a limited number of places. */
import { describe, expect, test } from 'vitest';
import { audioMap, bridgeWith, REWRITING, talk } from './rewriting-receivers.ts';
import { MEDIA } from './test-bridge.ts';
import type { TestEndpoint } from './test-endpoint.ts';

function joinAnnBobAndCem(bridge: ReturnType<typeof bridgeWith>) {
  return { ann: bridge.join('ann'), bob: bridge.join('bob'), cem: bridge.join('cem') };
}

describe('voices under SSRCs of ours', () => {
  test('voices have their places before anybody speaks', () => {
    const bridge = bridgeWith(5, 5);
    bridge.join('ann');
    const bob = bridge.join('bob', MEDIA, REWRITING);
    bob.want({});
    expect([...audioMap(bob).keys()]).toEqual(['ann-a0']);
    bridge.join('cem');
    expect([...audioMap(bob).keys()]).toEqual(['ann-a0', 'cem-a0']);
  });

  test('a voice waits until its receiver knows the SSRC and had time to get ready for it', () => {
    const bridge = bridgeWith(2, 2);
    const ann = bridge.join('ann');
    const bob = bridge.join('bob', MEDIA, REWRITING);
    talk(bridge, ann);
    bob.want({});
    const toldMs = bridge.nowMs;
    while (bob.received().length === 0) {
      ann.sendAudio();
      bridge.advance(20);
    }
    expect(bridge.nowMs - toldMs).toBeGreaterThanOrEqual(250);
    expect(bridge.nowMs - toldMs).toBeLessThan(320);
    // Who comes later to an SSRC that is known need not wait.
    bridge.colibri({ endpoints: [{ id: 'ann', expire: true }] });
    const cem = bridge.join('cem');
    const count = bob.received().length;
    cem.sendAudio();
    expect(bob.received()).toHaveLength(count + 1);
    expect(audioMap(bob).get('cem-a0')?.ssrc).toBe(bob.received().at(-1)?.ssrc);
  });

  test('a voice takes the place that has been silent for longest; its numbers and clock go on', () => {
    const bridge = bridgeWith(2, 2);
    const { ann, bob, cem } = joinAnnBobAndCem(bridge);
    const dan = bridge.join('dan', MEDIA, REWRITING);
    dan.want({});
    talk(bridge, ann);
    talk(bridge, bob);
    bridge.advance(500);
    const before = audioMap(dan);
    expect([...before.keys()]).toEqual(['ann-a0', 'bob-a0']);
    talk(bridge, cem);
    const after = audioMap(dan);
    expect(after.get('cem-a0')).toEqual({
      source: 'cem-a0',
      owner: 'cem',
      ssrc: before.get('ann-a0')?.ssrc,
    });
    const packets = dan.received(after.get('cem-a0')!.ssrc);
    const speakers = packets.map(({ payload }) => payload[0]);
    expect(new Set(speakers)).toEqual(new Set([ann.number, cem.number]));
    for (let i = 1; i < packets.length; i++) {
      const [a, b] = [packets[i - 1]!, packets[i]!];
      expect(b.extendedSeq).toBe(a.extendedSeq + 1);
      const ticks = (b.timestamp - a.timestamp) | 0;
      // 400 ms of bob, and the pause.
      const expected = speakers[i] === speakers[i - 1] ? 960 : 48 * (400 + 500 + 20);
      expect(Math.abs(ticks - expected)).toBeLessThanOrEqual(960);
    }
    const count = dan.heard('AudioSourcesMap').length;
    talk(bridge, bob);
    bridge.advance(5000);
    const later = dan.heard('AudioSourcesMap').slice(count);
    // Once more, for clients that overlooked it, and then no more.
    expect(later).toHaveLength(1);
    expect(later[0]?.mappedSources).toHaveLength(2);
    expect(audioMap(dan)).toEqual(after);
    // What happens to SSRCs that are long known is said once.
    talk(bridge, ann);
    bridge.advance(5000);
    expect(dan.heard('AudioSourcesMap')).toHaveLength(count + 2);
  });

  test('with more voices than places the loudest are heard', () => {
    const bridge = bridgeWith(2, 2);
    const { ann, bob, cem } = joinAnnBobAndCem(bridge);
    const dan = bridge.join('dan', MEDIA, REWRITING);
    const eve = bridge.join('eve');
    dan.want({});
    for (let i = 0; i < 50; i++) {
      ann.sendAudio(60);
      bob.sendAudio(20);
      cem.sendAudio(20);
      bridge.advance(20);
    }
    const heard = dan.received().slice(-40);
    expect(new Set(heard.map(({ payload }) => payload[0]))).toEqual(
      new Set([bob.number, cem.number]),
    );
    // Places do not go back and forth.
    const changes = dan.heard('AudioSourcesMap').flatMap(({ mappedSources }) => mappedSources);
    expect(changes.length).toBeLessThanOrEqual(8);
    expect(eve.received(ann.audioSsrc)).toHaveLength(50);
  });

  test('who is asked for by name has a place of its own beside the loudest, before it is heard and as long as it is asked for', () => {
    const bridge = bridgeWith(2, 2);
    const [ann, bob, cem, fay] = ['ann', 'bob', 'cem', 'fay'].map((id) => bridge.join(id)) as [
      TestEndpoint,
      TestEndpoint,
      TestEndpoint,
      TestEndpoint,
    ];
    const dan = bridge.join('dan', MEDIA, REWRITING);
    const eve = bridge.join('eve', MEDIA, REWRITING);
    dan.want({});
    eve.want({});
    /** A second of two loud voices and two quiet ones; whose packets each got. */
    const converse = (bobLevel = 20) => {
      const [danHad, eveHad] = [dan.received().length, eve.received().length];
      for (let i = 0; i < 50; i++) {
        ann.sendAudio(20);
        bob.sendAudio(bobLevel);
        cem.sendAudio(60);
        fay.sendAudio(60);
        bridge.advance(20);
      }
      const names = new Map([ann, bob, cem, fay].map(({ number, id }) => [number, id]));
      const heardBy = (receiver: TestEndpoint, had: number) => {
        const counts: Record<string, number> = {};
        for (const { payload } of receiver.received().slice(had)) {
          const name = names.get(payload[0]!)!;
          counts[name] = (counts[name] ?? 0) + 1;
        }
        return counts;
      };
      return { dan: heardBy(dan, danHad), eve: heardBy(eve, eveHad) };
    };
    converse();
    expect(converse()).toEqual({ dan: { ann: 50, bob: 50 }, eve: { ann: 50, bob: 50 } });

    dan.say({ colibriClass: 'ReceiverAudioSubscription', all: true, include: ['cem-a0'] });
    bridge.advance(20);
    const told = dan.heard('AudioSourcesMap').length;
    expect(audioMap(dan).has('cem-a0')).toBe(true);
    // One of the loud voices had to go, and they do not take turns.
    const heard = converse();
    expect(heard.dan.cem).toBe(50);
    expect(Object.values(heard.dan).sort()).toEqual([50, 50]);
    expect(heard.eve).toEqual({ ann: 50, bob: 50 });
    // The one that is clearly louder has the other place.
    const louder = converse(5);
    expect(louder.dan.cem).toBe(50);
    expect(louder.dan.bob).toBeGreaterThan(40);
    expect(dan.heard('AudioSourcesMap').length).toBeLessThanOrEqual(told + 1);

    // More names than places: those who have one keep it.
    const include = ['cem-a0', 'bob-a0', 'fay-a0', 'nobody-a0'];
    dan.say({ colibriClass: 'ReceiverAudioSubscription', all: true, include });
    expect(converse()).toMatchObject({ dan: { cem: 50, bob: 50 }, eve: { ann: 50, bob: 50 } });
    dan.say({ colibriClass: 'ReceiverAudioSubscription', all: false, include: ['fay-a0'] });
    expect(converse().dan).toEqual({ fay: 50 });
    dan.say({ colibriClass: 'ReceiverAudioSubscription', all: true });
    converse();
    expect(converse().dan).toEqual({ ann: 50, bob: 50 });
    for (const ssrc of new Set(dan.received().map((packet) => packet.ssrc))) {
      const packets = dan.received(ssrc);
      packets.slice(1).forEach((packet, i) => {
        expect(packet.extendedSeq).toBe(packets[i]!.extendedSeq + 1);
      });
    }
  });
});
