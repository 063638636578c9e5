import { ManualClock } from '@conclave/testkit';
import { XmppMetrics } from '@conclave/xmpp-server';
import { describe, expect, test } from 'vitest';
import { EventLoopMeter } from './event-loop-meter.ts';
import { createHealthCheck } from './health-checks.ts';
import { writePrometheusText } from './prometheus-text.ts';
import { processMetrics, serverMetrics } from './server-metrics.ts';

describe('the figures of the server', () => {
  const xmpp = new XmppMetrics();
  xmpp.rooms = 3;
  xmpp.stanzasReceived = 77;
  const clock = new ManualClock();
  const loop = new EventLoopMeter(clock, () => clock.nowMs());
  clock.advance(500);
  const text = writePrometheusText([
    ...serverMetrics({
      xmpp,
      focus: {
        conferences: 2,
        participants: 9,
        conferencesCreated: 4,
        conferenceRequests: 12,
        conferencesCrashed: 0,
        participantsMoved: 10,
      },
      web: { signallingSockets: 9, bridgeSockets: 8, connectionsRefused: 1 },
      auditRecordsLost: 5,
      webhooks: { delivered: 6, failed: 2, dropped: 1, pending: 3 },
      pluginFailures: new Map([['bad', 7]]),
    }),
    ...processMetrics(
      { cpuSeconds: 1.5, residentBytes: 1e8, heapUsedBytes: 2e7, startedS: 1_795_000_000 },
      loop,
    ),
  ]);

  test.each([
    'conclave_xmpp_rooms 3',
    'jitsi_jicofo_load_redistributor_endpoints_moved_total 10',
    'conclave_xmpp_stanzas_received_total 77',
    'conclave_xmpp_logins_refused_total 0',
    'jitsi_jicofo_conferences 2',
    'jitsi_jicofo_participants_current 9',
    'jitsi_jicofo_conference_requests_total 12',
    'conclave_web_sockets{use="bridge"} 8',
    'conclave_audit_records_lost_total 5',
    'conclave_webhooks_pending 3',
    'conclave_plugin_failures_total{plugin="bad"} 7',
    'process_cpu_seconds_total 1.5',
    'conclave_event_loop_lag_seconds_bucket{le="0.001"} 2',
    'conclave_event_loop_lag_seconds_count 2',
  ])('hold %s', (line) => {
    expect(text.split('\n')).toContain(line);
  });

  test('are each named once', () => {
    const names = text.split('\n').flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? []);
    expect(new Set(names).size).toBe(names.length);
  });
});

/** Timers that are run when the test says so, however late. */
function lateTimers() {
  let nowMs = 0;
  let due: (() => void) | undefined;
  return {
    nowMs: () => nowMs,
    schedule: (_delayMs: number, run: () => void) => {
      due = run;
      return { cancel: () => (due = undefined) };
    },
    runAfter(ms: number) {
      nowMs += ms;
      due?.();
    },
  };
}

describe('the lag of the main thread', () => {
  test('is how late a timer is, and the worst is remembered for a while', () => {
    const timers = lateTimers();
    const meter = new EventLoopMeter(timers, timers.nowMs);
    timers.runAfter(250);
    timers.runAfter(250 + 3000);
    expect(meter.worstRecentMs).toBe(3000);
    const { bounds, counts, sum } = meter.lag;
    expect([counts[0], counts[bounds.indexOf(5)], sum]).toEqual([1, 1, 3]);
    for (let ms = 0; ms < 14_000; ms += 250) timers.runAfter(250);
    expect(meter.worstRecentMs).toBe(3000);
    for (let ms = 0; ms < 16_000; ms += 250) timers.runAfter(250);
    expect(meter.worstRecentMs).toBe(0);
  });

  test('makes the server unhealthy when it was long', async () => {
    const timers = lateTimers();
    const loop = new EventLoopMeter(timers, timers.nowMs);
    timers.runAfter(250 + 2001);
    const check = createHealthCheck({
      clock: { nowMs: timers.nowMs, wallMs: timers.nowMs },
      timers: new ManualClock(),
      loop,
      bridge: { isReady: false, udpPort: undefined, stats: async () => undefined },
    });
    expect(await check()).toEqual({
      isHealthy: false,
      reasons: [
        'the main thread was blocked for 2001 ms',
        'the videobridge is not running',
        'there is no UDP port while the videobridge is down',
      ],
      parts: expect.objectContaining({ mainLoop: 'the main thread was blocked for 2001 ms' }),
    });
  });
});
