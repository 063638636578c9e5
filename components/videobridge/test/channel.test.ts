/** Story: what goes over the bridge channel besides constraints. */
import { describe, expect, test } from 'vitest';
import { MEDIA, TestBridge } from './test-bridge.ts';
import { MEETING, type TestEndpoint } from './test-endpoint.ts';

describe('bridge channel', () => {
  test('the password admits, and nothing else', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann');
    expect(bridge.core.channels.check(MEETING, 'ann', ann.password)).toBe('ok');
    expect(bridge.core.channels.check(MEETING, 'ann', ann.password.slice(1))).toBe('forbidden');
    expect(bridge.core.channels.check(MEETING, 'bob', ann.password)).toBe('not-found');
    expect(bridge.core.channels.check('nowhere', 'ann', ann.password)).toBe('not-found');
    bridge.core.channels.open(7, MEETING, 'ann', 'wrong', bridge.nowMs);
    expect(bridge.channelsClosed).toEqual([{ channelId: 7, code: 1008, reason: 'forbidden' }]);
    expect(bridge.channelTexts.get(7)).toBeUndefined();
  });

  test('a newer channel replaces the older and is told everything again', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann');
    bridge.join('bob').want({});
    ann.want({});
    bridge.advance(20);
    bridge.core.channels.open(50, MEETING, 'ann', ann.password, bridge.nowMs);
    expect(bridge.channelsClosed).toEqual([
      { channelId: ann.channelId, code: 1000, reason: 'replaced' },
    ]);
    const classes = bridge.channelTexts.get(50)!.map((text) => JSON.parse(text).colibriClass);
    expect(classes).toEqual([
      'ServerHello',
      'SenderSourceConstraints',
      'SenderVideoConstraints',
      'ForwardedSources',
      'LastNEndpointsChangeEvent',
    ]);
    // The end of the older one does not close the newer.
    bridge.core.channels.handleClosed(ann.channelId);
    bridge.core.channels.handleMessage(50, '{"colibriClass":"ClientHello"}', bridge.nowMs);
    expect(bridge.channelTexts.get(50)).toHaveLength(6);
  });

  test('messages go to one or all others, with the true sender', () => {
    const bridge = new TestBridge();
    const [ann, bob, cem] = ['ann', 'bob', 'cem'].map((id) => bridge.join(id));
    for (const endpoint of [ann, bob, cem]) endpoint!.want({});
    const message = { colibriClass: 'EndpointMessage', from: 'cem', msgPayload: { n: 1 } };
    ann!.say({ ...message, to: 'bob' });
    ann!.say({ ...message, to: '' });
    ann!.say({ ...message, to: 'nobody' });
    const payload = { colibriClass: 'EndpointMessage', from: 'ann', msgPayload: { n: 1 } };
    expect(bob!.heard('EndpointMessage')).toEqual([
      { ...payload, to: 'bob' },
      { ...payload, to: '' },
    ]);
    expect(cem!.heard('EndpointMessage')).toEqual([{ ...payload, to: '' }]);
    expect(ann!.heard('EndpointMessage')).toEqual([]);
  });

  test('statistics go to everybody else in a small conference', () => {
    const bridge = new TestBridge();
    const [ann, bob] = ['ann', 'bob'].map((id) => bridge.join(id));
    ann!.want({});
    bob!.want({});
    ann!.say({ colibriClass: 'EndpointStats', from: 'bob', connectionQuality: 50 });
    expect(bob!.heard('EndpointStats')).toEqual([
      { colibriClass: 'EndpointStats', from: 'ann', connectionQuality: 50 },
    ]);
    expect(ann!.heard('EndpointStats')).toEqual([]);
  });

  test('in a large one only to those who get its video', () => {
    const bridge = new TestBridge();
    const all = Array.from({ length: 21 }, (_, i) => bridge.join(`e${i}`));
    for (const endpoint of all) endpoint.want({ lastN: 1 });
    all[0]!.say({ colibriClass: 'EndpointStats', connectionQuality: 50 });
    all[5]!.say({ colibriClass: 'EndpointStats', connectionQuality: 60 });
    expect(all[1]!.heard('EndpointStats')).toHaveLength(1);
    expect(all[1]!.heard('EndpointStats')[0]).toMatchObject({ from: 'e0' });
  });

  test('in a large one also to those who have its owner on stage, though there is no picture', () => {
    const bridge = new TestBridge();
    const all = Array.from({ length: 21 }, (_, i) => bridge.join(`e${i}`));
    for (const endpoint of all) endpoint.want({ lastN: 0 });
    const [first, second, third] = all;
    second!.say({ colibriClass: 'ReceiverVideoConstraints', onStageSources: ['e0-v0'] });
    third!.say({ colibriClass: 'ReceiverVideoConstraints', selectedEndpoints: ['e0'] });
    first!.say({ colibriClass: 'EndpointStats', connectionQuality: 50 });
    const heard = all.map((endpoint) => endpoint.heard('EndpointStats').length);
    expect(heard).toEqual([0, 1, 1, ...new Array(18).fill(0)]);
  });

  test('what visitors say goes to nobody, and nobody is told when they are gone', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann');
    const visitor = bridge.join('visitor', MEDIA, { visitor: true });
    for (const endpoint of [ann, visitor]) endpoint.want({});
    visitor.say({ colibriClass: 'EndpointMessage', to: '', msgPayload: {} });
    visitor.say({ colibriClass: 'EndpointStats', connectionQuality: 50 });
    expect(bridge.counter('dropped_channel_refused')).toBe(2);
    for (let i = 0; i < 200; i++) {
      ann.sendAudio();
      bridge.advance(100);
    }
    for (const what of [
      'EndpointMessage',
      'EndpointStats',
      'EndpointConnectivityStatusChangeEvent',
    ] as const) {
      expect(ann.heard(what)).toEqual([]);
    }
    // Visitors are told and sent what everybody is.
    ann.say({ colibriClass: 'EndpointMessage', to: '', msgPayload: { n: 1 } });
    expect(visitor.heard('EndpointMessage')).toHaveLength(1);
  });

  test('bad, unknown and too many messages are dropped and counted', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann');
    const bob = bridge.join('bob');
    ann.want({});
    bob.want({});
    ann.say({ colibriClass: 'Nonsense' });
    bridge.core.channels.handleMessage(ann.channelId, '{{', bridge.nowMs);
    bridge.core.channels.handleMessage(ann.channelId, 'x'.repeat(70_000), bridge.nowMs);
    expect(bridge.counter('dropped_channel_unknown_class')).toBe(1);
    expect(bridge.counter('dropped_channel_refused')).toBe(2);
    for (let i = 0; i < 500; i++) {
      ann.say({ colibriClass: 'EndpointMessage', to: '', msgPayload: { i } });
    }
    expect(bridge.counter('dropped_channel_rate_limited')).toBeGreaterThan(250);
    bridge.advance(1000);
    const before = bob.heard('EndpointMessage').length;
    for (let i = 0; i < 40; i++) {
      ann.say({ colibriClass: 'EndpointMessage', to: '', msgPayload: { i } });
    }
    expect(bob.heard('EndpointMessage')).toHaveLength(before + 40);
  });

  describe('in a meeting of 500', () => {
    /** Only the first three have pictures and voices. */
    const meetingOf500 = () => {
      const bridge = new TestBridge({ bridge: { limits: { maxEndpointsPerConference: 500 } } });
      const [ann, bob, cem] = ['ann', 'bob', 'cem'].map((id) => bridge.join(id)) as [
        TestEndpoint,
        TestEndpoint,
        TestEndpoint,
      ];
      for (const endpoint of [ann, bob, cem]) endpoint.want({ lastN: 0 });
      const others = Array.from({ length: 497 }, (_, i) => ({ id: `e${i}`, channelId: 1000 + i }));
      for (const { id, channelId } of others) {
        const created = bridge.colibri({ endpoints: [{ id, create: true, media: MEDIA }] });
        if (created.type !== 'modified') throw new Error(created.text);
        const url = created.result.endpoints[0]?.transport?.webSocketUrl ?? '';
        const password = url.split('pwd=')[1]!;
        bridge.core.channels.open(channelId, MEETING, id, password, bridge.nowMs);
      }
      /** Copies of endpoint messages on all channels together. */
      const heard = () => {
        const texts = [...bridge.channelTexts.values()].flat();
        return texts.filter((text) => text.includes('"EndpointMessage"')).length;
      };
      const limited = () => bridge.counter('dropped_channel_fan_out_limited');
      return { bridge, ann, bob, cem, others, heard, limited };
    };
    const toAll = (msgPayload: object) => ({ colibriClass: 'EndpointMessage', to: '', msgPayload });

    test('what one says to all reaches all, forty times at once; a flood of it is bounded', () => {
      const { bridge, ann, bob, cem, heard, limited } = meetingOf500();
      for (let i = 0; i < 40; i++) ann.say(toAll({ i }));
      expect(heard()).toBe(40 * 499);
      expect(limited()).toBe(0);
      for (let i = 0; i < 100; i++) ann.say(toAll({ i }));
      expect(limited()).toBe(99);
      // Others are heard all the while, and it reaches whomever it speaks to alone.
      bob.say(toAll({ i: 'other' }));
      ann.say({ ...toAll({}), to: 'cem' });
      expect(heard()).toBe(42 * 499 + 1);
      expect(cem.heard('EndpointMessage').at(-1)?.to).toBe('cem');
      for (let s = 0; s < 10; s++) {
        bridge.advance(1000);
        for (let i = 0; i < 4; i++) ann.say(toAll({ s, i }));
      }
      expect(limited()).toBe(99);
    });

    test('a long message counts as several, and arrives whole', () => {
      const { bridge, ann, bob, heard, limited } = meetingOf500();
      const long = { text: 'x'.repeat(60_000) };
      ann.say(toAll(long));
      expect(bob.heard('EndpointMessage').at(-1)?.msgPayload).toEqual(long);
      ann.say(toAll({}));
      expect([heard(), limited()]).toEqual([499, 1]);
      bridge.advance(5000);
      ann.say(toAll({}));
      expect([heard(), limited()]).toEqual([2 * 499, 1]);
    });

    test('all together make us send so much and no more; private messages and statistics go on', () => {
      const { bridge, ann, bob, cem, others, heard, limited } = meetingOf500();
      const say = (channelId: number, message: object) =>
        bridge.core.channels.handleMessage(channelId, JSON.stringify(message), bridge.nowMs);
      for (const { channelId } of others) say(channelId, toAll({}));
      expect(heard()).toBe(81 * 499);
      expect(limited()).toBe(497 - 81);
      ann.say({ ...toAll({ private: true }), to: 'bob' });
      expect(bob.heard('EndpointMessage').at(-1)?.msgPayload).toEqual({ private: true });
      bridge.advance(1000);
      for (const sender of [ann, bob, cem]) sender.say({ colibriClass: 'EndpointStats' });
      for (const { channelId } of others) say(channelId, { colibriClass: 'EndpointStats' });
      expect(limited()).toBe(497 - 81);
    });
  });

  test('a flood of changes costs a bounded number of allocations, and the last one counts', () => {
    const bridge = new TestBridge();
    const ann = bridge.join('ann');
    const bob = bridge.join('bob');
    bob.want({});
    ann.want({});
    const before = bob.heard('ForwardedSources').length;
    for (let i = 0; i <= 150; i++) {
      ann.say({
        colibriClass: 'SourceVideoTypeMessage',
        sourceName: 'ann-v0',
        videoType: i % 2 === 0 ? 'none' : 'camera',
      });
    }
    expect(bob.heard('ForwardedSources').length - before).toBeLessThanOrEqual(41);
    bridge.advance(200);
    expect(bob.heard('ForwardedSources').at(-1)?.forwardedSources).toEqual([]);
  });
});
