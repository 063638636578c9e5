/**
 * The figures a bridge tells about itself. Names follow Jitsi's `/colibri/stats` where it has one;
 * the others are counters of ours, mostly of what was dropped and why.
 */

export interface BridgeStats {
  readonly conferences: number;
  readonly largest_conference: number;
  readonly endpoints: number;
  readonly endpoints_sending_audio: number;
  readonly endpoints_sending_video: number;
  /** kbit/s since the previous call. */
  readonly bit_rate_download: number;
  readonly bit_rate_upload: number;
  /** Packets per second since the previous call. */
  readonly packet_rate_download: number;
  readonly packet_rate_upload: number;
  /** Milliseconds, mean over endpoints. */
  readonly rtt_aggregate: number;
  /** Totals by name: `total_…`, `dropped_…`, `packet_io_…`. */
  readonly counters: Readonly<Record<string, number>>;
}
