/**
 * The videobridge's figures as Prometheus metrics: `jitsi_jvb_…` where Jitsi's bridge has the same
 * one (its `VideobridgeMetrics.kt` and `VideobridgePeriodicMetrics.kt` of August 2026), so that dashboards for it work;
 * `conclave_bridge_…` for the rest.
 */
import type { BridgeStats } from '@conclave/videobridge';
import type { StatsContext } from './colibri-stats.ts';
import { counter, gauge, histogram, type Metric, type Sample } from './prometheus-text.ts';

/** Totals that Jitsi's bridge counts too, by our name. */
const JITSI_COUNTERS: Readonly<Record<string, string>> = {
  total_bytes_received: 'bytes_received',
  total_bytes_sent: 'bytes_sent',
  total_conferences_created: 'conferences_created',
  total_conferences_completed: 'conferences_completed',
  total_dominant_speaker_changes: 'dominant_speaker_changes',
  total_keyframes_received: 'keyframes_received',
  total_packets_received: 'packets_received',
  total_packets_sent: 'packets_sent',
  total_participants: 'endpoints',
};

/** Bounds of `conferences_by_size`. */
const SIZE_BOUNDS = [0, 1, 2, 3, 5, 8, 13, 20];

export function bridgeMetrics(
  bridge: BridgeStats | undefined,
  { isHealthy, stress }: StatsContext,
): Metric[] {
  const metrics = [
    gauge('jitsi_jvb_healthy', 'Whether the bridge works: 1 or 0.', isHealthy ? 1 : 0),
    gauge('jitsi_jvb_stress', 'Load by what is bearable; 1 and above is overload.', stress),
  ];
  if (bridge === undefined) return metrics;
  return [...metrics, ...bridgeGauges(bridge), ...histograms(bridge), ...bridgeCounters(bridge)];
}

function bridgeGauges(bridge: BridgeStats): Metric[] {
  return [
    gauge('jitsi_jvb_conferences', 'Conferences now.', bridge.conferences),
    gauge('jitsi_jvb_conferences_inactive', 'Nobody sends.', bridge.inactive_conferences),
    gauge('jitsi_jvb_largest_conference', 'Endpoints in it.', bridge.largest_conference),
    gauge('jitsi_jvb_current_endpoints', 'Endpoints now.', bridge.endpoints),
    gauge('jitsi_jvb_local_endpoints', 'The same, without those of relays.', bridge.endpoints),
    gauge('jitsi_jvb_octo_conferences', 'On several workers.', bridge.octo_conferences),
    gauge('jitsi_jvb_octo_endpoints', 'Whose sources come over relays.', bridge.octo_endpoints),
    gauge('jitsi_jvb_endpoints_inactive', 'Not connected.', bridge.inactive_endpoints),
    gauge('jitsi_jvb_endpoints_recvonly', 'Sending nothing.', bridge.receive_only_endpoints),
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

function histograms({ conference_sizes: sizes, transit_time }: BridgeStats): Metric[] {
  const counts = [...SIZE_BOUNDS, Number.POSITIVE_INFINITY].map(() => 0);
  let endpoints = 0;
  for (const [size, count] of sizes.entries()) {
    const bucket = SIZE_BOUNDS.findIndex((bound) => size <= bound);
    counts[bucket === -1 ? SIZE_BOUNDS.length : bucket]! += count;
    endpoints += size * count;
  }
  const bySize = { bounds: SIZE_BOUNDS, counts, sum: endpoints };
  const metrics = [histogram('jitsi_jvb_conferences_by_size', 'Conferences by endpoints.', bySize)];
  if (transit_time !== undefined) {
    const { boundsMs: bounds, counts, sumMs: sum } = transit_time;
    const help = 'Milliseconds that packets were in the bridge.';
    metrics.push(histogram('jitsi_jvb_rtp_transit_time', help, { bounds, counts, sum }));
  }
  return metrics;
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
