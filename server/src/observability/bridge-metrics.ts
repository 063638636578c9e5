/**
 * The videobridge's figures as Prometheus metrics: `jitsi_jvb_…` where Jitsi's bridge has the same
 * one, so that dashboards for it work; `conclave_bridge_…` for the rest.
 */
import type { BridgeStats } from '@conclave/videobridge';
import type { StatsContext } from './colibri-stats.ts';
import type { Metric, Sample } from './prometheus-text.ts';

export interface ProcessUsage {
  /** Since the process started. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/** Totals that Jitsi's bridge counts too, by our name. */
const JITSI_COUNTERS: Readonly<Record<string, string>> = {
  total_conferences_created: 'conferences_created',
  total_conferences_completed: 'conferences_completed',
  total_dominant_speaker_changes: 'dominant_speaker_changes',
  total_keyframes_received: 'keyframes_received',
  total_packets_received: 'packets_received',
  total_packets_sent: 'packets_sent',
  total_participants: 'endpoints',
};

export function bridgeMetrics(
  bridge: BridgeStats | undefined,
  { isHealthy, stress }: StatsContext,
  usage: ProcessUsage,
): Metric[] {
  const metrics = [
    gauge('jitsi_jvb_healthy', 'Whether the bridge works: 1 or 0.', isHealthy ? 1 : 0),
    gauge('jitsi_jvb_stress', 'Load by what is bearable; 1 and above is overload.', stress),
    counter('process_cpu_seconds_total', 'CPU time of the whole server.', usage.cpuSeconds),
    gauge('process_resident_memory_bytes', 'Memory of the whole server.', usage.residentBytes),
  ];
  if (bridge !== undefined) metrics.push(...bridgeGauges(bridge), ...bridgeCounters(bridge));
  return metrics;
}

function bridgeGauges(bridge: BridgeStats): Metric[] {
  return [
    gauge('jitsi_jvb_conferences', 'Conferences now.', bridge.conferences),
    gauge('jitsi_jvb_inactive_conferences', 'Nobody sends.', bridge.inactive_conferences),
    gauge('jitsi_jvb_largest_conference', 'Endpoints in it.', bridge.largest_conference),
    gauge('jitsi_jvb_current_endpoints', 'Endpoints now.', bridge.endpoints),
    gauge('jitsi_jvb_local_endpoints', 'The same: there are no relays.', bridge.endpoints),
    gauge('jitsi_jvb_inactive_endpoints', 'Not connected.', bridge.inactive_endpoints),
    gauge('jitsi_jvb_receive_only_endpoints', 'Sending nothing.', bridge.receive_only_endpoints),
    gauge('jitsi_jvb_endpoints_sending_audio', 'Heard now.', bridge.endpoints_sending_audio),
    gauge('jitsi_jvb_endpoints_sending_video', 'Seen now.', bridge.endpoints_sending_video),
    gauge(
      'jitsi_jvb_endpoints_with_suspended_sources',
      'Receivers without bandwidth for some video they want.',
      bridge.endpoints_with_suspended_sources,
    ),
    gauge('jitsi_jvb_incoming_bitrate', 'Bits per second.', bridge.bit_rate_download * 1000),
    gauge('jitsi_jvb_outgoing_bitrate', 'Bits per second.', bridge.bit_rate_upload * 1000),
    gauge('jitsi_jvb_incoming_packet_rate', 'Per second.', bridge.packet_rate_download),
    gauge('jitsi_jvb_outgoing_packet_rate', 'Per second.', bridge.packet_rate_upload),
    gauge('jitsi_jvb_average_rtt', 'Milliseconds, mean over endpoints.', bridge.rtt_aggregate),
  ];
}

/** Every counter of the bridge has a place, also those that are added later. */
function bridgeCounters({ counters }: BridgeStats): Metric[] {
  const metrics: Metric[] = [];
  const dropped: Sample[] = [];
  const slots: Sample[] = [];
  for (const [name, value] of Object.entries(counters)) {
    const jitsiName = JITSI_COUNTERS[name];
    if (name.startsWith('dropped_')) dropped.push({ labels: { reason: name.slice(8) }, value });
    else if (name.startsWith('slots_')) slots.push({ labels: { state: name.slice(6) }, value });
    else {
      const ours = `conclave_bridge_${name.replace(/^total_/, '')}_total`;
      const known = jitsiName === undefined ? ours : `jitsi_jvb_${jitsiName}_total`;
      metrics.push(counter(known, 'Since the worker started.', value));
    }
  }
  metrics.push({
    name: 'conclave_bridge_dropped_total',
    type: 'counter',
    help: 'What was not forwarded or obeyed, by reason.',
    samples: dropped,
  });
  metrics.push({
    name: 'conclave_bridge_slots',
    type: 'gauge',
    help: 'Packet buffers by state.',
    samples: slots,
  });
  return metrics;
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, type: 'gauge', help, samples: [{ value }] };
}

function counter(name: string, help: string, value: number): Metric {
  return { name, type: 'counter', help, samples: [{ value }] };
}
