import { ManualClock } from '@conclave/testkit';
import type { BridgeStats } from '@conclave/videobridge';
import { describe, expect, test } from 'vitest';
import { bridgeMetrics } from './bridge-metrics.ts';
import { colibriStats } from './colibri-stats.ts';
import { writePrometheusText } from './prometheus-text.ts';
import { StressMeter } from './stress-meter.ts';

const BRIDGE: BridgeStats = {
  conferences: 2,
  largest_conference: 3,
  octo_conferences: 0,
  octo_endpoints: 0,
  conference_sizes: [0, 0, 1, 1],
  inactive_conferences: 1,
  endpoints: 5,
  receive_only_endpoints: 1,
  inactive_endpoints: 0,
  endpoints_with_suspended_sources: 1,
  endpoints_sending_audio: 3,
  endpoints_sending_video: 2,
  bit_rate_download: 1500,
  bit_rate_upload: 4500,
  packet_rate_download: 200,
  packet_rate_upload: 600,
  rtt_aggregate: 12.5,
  transit_time: { boundsMs: [0.1, 0.5], counts: [2, 3, 1], sumMs: 7.5 },
  counters: {
    total_conferences_created: 7,
    total_nacks_sent: 4,
    dropped_rtp_silence: 9,
    slots_free: 100,
    packet_io_rx_no_slot: 1,
  },
};
const CONTEXT = {
  isHealthy: true,
  stress: 0.25,
  isShuttingDown: false,
  wallMs: Date.UTC(2026, 10, 21, 5, 6, 7, 89),
};

describe('colibri stats', () => {
  test('have the names of the bridge that others monitor', () => {
    expect(colibriStats(BRIDGE, CONTEXT)).toMatchObject({
      current_timestamp: '2026-11-21 05:06:07.089',
      healthy: true,
      stress_level: 0.25,
      conferences: 2,
      participants: 5,
      octo_conferences: 0,
      octo_endpoints: 0,
      conference_sizes: [0, 0, 1, 1],
      bit_rate_upload: 4500,
      total_conferences_created: 7,
      dropped_rtp_silence: 9,
    });
  });

  test('without a bridge there are no figures of it', () => {
    const stats = colibriStats(undefined, { ...CONTEXT, isHealthy: false });
    expect(stats).toMatchObject({ healthy: false });
    expect(stats).not.toHaveProperty('conferences');
    expect(stats).not.toHaveProperty('participants');
  });
});

describe('metrics', () => {
  const text = writePrometheusText(bridgeMetrics(BRIDGE, CONTEXT));

  test.each([
    'jitsi_jvb_healthy 1',
    'jitsi_jvb_stress 0.25',
    'jitsi_jvb_conferences 2',
    'jitsi_jvb_incoming_bitrate 1500000',
    'jitsi_jvb_outgoing_packet_rate 600',
    'jitsi_jvb_conferences_created_total 7',
    'conclave_bridge_nacks_sent_total 4',
    'conclave_bridge_packet_io_rx_no_slot_total 1',
    'conclave_bridge_dropped_total{reason="rtp_silence"} 9',
    'conclave_bridge_slots{state="free"} 100',
    'jitsi_jvb_conferences_inactive 1',
    'jitsi_jvb_endpoints_recvonly 1',
    'jitsi_jvb_conferences_by_size_bucket{le="2"} 1',
    'jitsi_jvb_conferences_by_size_bucket{le="+Inf"} 2',
    'jitsi_jvb_conferences_by_size_sum 5',
    'jitsi_jvb_rtp_transit_time_bucket{le="0.5"} 5',
    'jitsi_jvb_rtp_transit_time_bucket{le="+Inf"} 6',
    'jitsi_jvb_rtp_transit_time_sum 7.5',
    'jitsi_jvb_rtp_transit_time_count 6',
  ])('hold %s', (line) => {
    expect(text.split('\n')).toContain(line);
  });

  test('are valid: each named once, with help and type before its samples', () => {
    const names = text.split('\n').flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? []);
    expect(new Set(names).size).toBe(names.length);
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+="[^"]*"\})? -?[\d.e+]+)$/);
    }
    expect(text.endsWith('\n')).toBe(true);
  });

  test('without a bridge tell that it is down', () => {
    const down = bridgeMetrics(undefined, { ...CONTEXT, isHealthy: false });
    expect(writePrometheusText(down)).toContain('jitsi_jvb_healthy 0\n');
    expect(down.map(({ name }) => name)).not.toContain('jitsi_jvb_conferences');
  });

  test('labels and help are escaped', () => {
    const samples = [{ labels: { a: 'x"y\\z\n' }, value: 1 }];
    expect(writePrometheusText([{ name: 'm', type: 'gauge', help: 'a\nb\\', samples }])).toBe(
      '# HELP m a\\nb\\\\\n# TYPE m gauge\nm{a="x\\"y\\\\z\\n"} 1\n',
    );
  });
});

describe('StressMeter', () => {
  test('is the part of all cores that was used, 90 % counting as 1', () => {
    const clock = new ManualClock();
    let cpuSeconds = 5;
    const meter = new StressMeter(clock, {
      cpuSeconds: () => cpuSeconds,
      nowMs: () => clock.nowMs(),
      cores: 2,
    });
    clock.advance(9999);
    expect(meter.stress).toBe(0);
    cpuSeconds = 23;
    clock.advance(1);
    expect(meter.stress).toBeCloseTo(1);
    clock.advance(10_000);
    expect(meter.stress).toBe(0);
    meter.close();
    expect(clock.pendingCount).toBe(0);
  });
});
