/** Story: what the bridge tells about itself. */
import { describe, expect, test } from 'vitest';
import { TestBridge } from './test-bridge.ts';

describe('statistics', () => {
  test('of an empty bridge are zero', () => {
    const bridge = new TestBridge();
    const stats = bridge.core.stats(bridge.nowMs);
    expect(stats).toMatchObject({ conferences: 0, endpoints: 0, largest_conference: 0 });
    expect(stats.conference_sizes).toEqual(Array(22).fill(0));
    expect(stats.counters).toMatchObject({ total_conferences_created: 0, total_bytes_received: 0 });
  });

  test('count who is there, who sends, and who gets less than wanted', () => {
    const bridge = new TestBridge();
    const [ann, bob] = [bridge.join('ann'), bridge.join('bob')];
    bridge.join('cem');
    expect(bridge.core.stats(bridge.nowMs)).toMatchObject({
      inactive_conferences: 1,
      receive_only_endpoints: 3,
    });
    bob.want({ defaultConstraints: { maxHeight: 720 } });
    for (let i = 0; i < 30; i++) {
      ann.sendFrame([0], { isKey: i === 0 });
      ann.sendAudio();
      bridge.advance(33);
    }
    bob.say({ colibriClass: 'ReceiverVideoConstraints', assumedBandwidthBps: 1 });
    const stats = bridge.core.stats(bridge.nowMs);
    expect(stats).toMatchObject({
      conferences: 1,
      endpoints: 3,
      endpoints_sending_audio: 1,
      endpoints_sending_video: 1,
      receive_only_endpoints: 2,
      inactive_endpoints: 0,
      inactive_conferences: 0,
      endpoints_with_suspended_sources: 1,
    });
    expect(stats.conference_sizes[3]).toBe(1);
    expect(stats.counters).toMatchObject({
      total_participants: 3,
      total_endpoints_connected: 3,
      total_keyframes_received: 1,
    });
    bridge.colibri({ expire: true });
    const after = bridge.core.stats(bridge.nowMs);
    expect(after.counters).toMatchObject({
      total_conferences_created: 1,
      total_conferences_completed: 1,
    });
  });

  test('rates are over a second at least, however often somebody asks', () => {
    const bridge = new TestBridge();
    const [ann, bob] = [bridge.join('ann'), bridge.join('bob')];
    bob.want({});
    const asked = [bridge.core.stats(bridge.nowMs).packet_rate_upload];
    for (let i = 0; i < 100; i++) {
      ann.sendAudio();
      bridge.advance(20);
      asked.push(bridge.core.stats(bridge.nowMs).packet_rate_upload);
    }
    expect(new Set(asked)).toEqual(new Set([0, 50]));
  });
});
