/**
 * The figures of everything but the videobridge: signalling (`conclave_xmpp_…`), the focus
 * (`jitsi_jicofo_…` where Jitsi's focus has the same one), web server, records and process.
 */
import type { XmppMetrics } from '@conclave/xmpp-server';
import type { EventLoopMeter } from './event-loop-meter.ts';
import { counter, gauge, histogram, type Metric } from './prometheus-text.ts';

export interface ServerFigures {
  readonly xmpp: Readonly<XmppMetrics>;
  readonly focus: {
    readonly conferences: number;
    readonly participants: number;
    readonly conferencesCreated: number;
    readonly participantsMoved: number;
    readonly conferenceRequests: number;
    readonly conferencesCrashed: number;
  };
  readonly web: {
    readonly signallingSockets: number;
    readonly bridgeSockets: number;
    readonly connectionsRefused: number;
  };
  readonly auditRecordsLost: number;
  /** Absent without receivers. */
  readonly webhooks:
    | {
        readonly delivered: number;
        readonly failed: number;
        readonly dropped: number;
        readonly pending: number;
      }
    | undefined;
  /** By plugin. */
  readonly pluginFailures: ReadonlyMap<string, number>;
}

export interface ProcessFigures {
  /** Of all threads, since the process started. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** Of the main thread. */
  readonly heapUsedBytes: number;
  /** Unix time, seconds. */
  readonly startedS: number;
}

/** What is as it is now; everything else of `XmppMetrics` only grows. */
const XMPP_GAUGES: Readonly<Record<string, string>> = {
  streams: 'Open connections.',
  sessions: 'Logged-in clients, hibernating ones included.',
  hibernatingSessions: 'Clients that lost their connection and may resume.',
  rooms: 'Rooms of all kinds.',
  occupants: 'People and services in rooms.',
  waitingJoins: 'Joins that wait for the focus.',
  pendingLogins: 'Log-ins that are being checked.',
};

export function serverMetrics(figures: ServerFigures): Metric[] {
  const { focus, web, webhooks } = figures;
  return [
    ...xmppMetrics(figures.xmpp),
    gauge('jitsi_jicofo_healthy', 'The focus runs: it is part of this process.', 1),
    gauge('jitsi_jicofo_conferences', 'Conferences now.', focus.conferences),
    gauge('jitsi_jicofo_participants_current', 'Participants now.', focus.participants),
    counter('jitsi_jicofo_conferences_created_total', 'So far.', focus.conferencesCreated),
    counter('jitsi_jicofo_conference_requests_total', 'So far.', focus.conferenceRequests),
    counter(
      'jitsi_jicofo_load_redistributor_endpoints_moved_total',
      'People moved away from a bridge worker that had too much to do.',
      focus.participantsMoved,
    ),
    counter(
      'conclave_focus_conferences_crashed_total',
      'Ended by a bug; the log has it.',
      focus.conferencesCrashed,
    ),
    {
      name: 'conclave_web_sockets',
      type: 'gauge',
      help: 'Open WebSockets by use.',
      samples: [
        { labels: { use: 'signalling' }, value: web.signallingSockets },
        { labels: { use: 'bridge' }, value: web.bridgeSockets },
      ],
    },
    counter('conclave_web_connections_refused_total', 'Too many.', web.connectionsRefused),
    counter('conclave_audit_records_lost_total', 'Disk full or slow.', figures.auditRecordsLost),
    ...(webhooks === undefined
      ? []
      : [
          gauge('conclave_webhooks_pending', 'Waiting or on their way.', webhooks.pending),
          counter('conclave_webhooks_delivered_total', 'So far.', webhooks.delivered),
          counter('conclave_webhooks_failed_total', 'Attempts.', webhooks.failed),
          counter('conclave_webhooks_dropped_total', 'Given up.', webhooks.dropped),
        ]),
    {
      name: 'conclave_plugin_failures_total',
      type: 'counter',
      help: 'Handlers that threw, by plugin.',
      samples: [...figures.pluginFailures].map(([plugin, value]) => ({
        labels: { plugin },
        value,
      })),
    },
  ];
}

/** Every figure of the XMPP server has a place, also those that are added later. */
function xmppMetrics(xmpp: Readonly<XmppMetrics>): Metric[] {
  return Object.entries(xmpp).flatMap(([name, value]) => {
    if (typeof value !== 'number') return [];
    const plain = `conclave_xmpp_${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
    const help = XMPP_GAUGES[name];
    return help === undefined
      ? counter(`${plain}_total`, 'Since the start.', value)
      : gauge(plain, help, value);
  });
}

export function processMetrics(process: ProcessFigures, loop: EventLoopMeter): Metric[] {
  return [
    counter('process_cpu_seconds_total', 'CPU time of the whole server.', process.cpuSeconds),
    gauge('process_resident_memory_bytes', 'Memory of the whole server.', process.residentBytes),
    gauge('process_start_time_seconds', 'Unix time.', process.startedS),
    gauge('conclave_heap_used_bytes', 'JavaScript heap of the main thread.', process.heapUsedBytes),
    histogram(
      'conclave_event_loop_lag_seconds',
      'How late the main thread runs its timers.',
      loop.lag,
    ),
  ];
}
