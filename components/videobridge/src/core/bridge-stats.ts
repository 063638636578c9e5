/**
 * The figures a bridge tells about itself. Names follow Jitsi's `/colibri/stats` where it has one;
 * the others are counters of ours, mostly of what was dropped and why.
 */

import type { TransitTimes } from './transit-histogram.ts';

export interface BridgeStats {
  readonly conferences: number;
  readonly largest_conference: number;
  /** How many conferences have 0, 1, 2 ... endpoints; the last entry is for all larger ones. */
  readonly conference_sizes: readonly number[];
  /** With relays to other bridges. */
  readonly octo_conferences: number;
  /** Of other bridges, whose sources come over relays. */
  readonly octo_endpoints: number;
  /** Nobody in them sends anything to the bridge; with two endpoints they talk directly. */
  readonly inactive_conferences: number;
  readonly endpoints: number;
  /** Connected, but sending neither audio nor video. */
  readonly receive_only_endpoints: number;
  /** Not connected (yet). */
  readonly inactive_endpoints: number;
  /** Receivers for which there is too little bandwidth for some video they want. */
  readonly endpoints_with_suspended_sources: number;
  readonly endpoints_sending_audio: number;
  readonly endpoints_sending_video: number;
  /** kbit/s over the last second or more. */
  readonly bit_rate_download: number;
  readonly bit_rate_upload: number;
  /** Packets per second, likewise. */
  readonly packet_rate_download: number;
  readonly packet_rate_upload: number;
  /** Milliseconds, mean over endpoints. */
  readonly rtt_aggregate: number;
  /** From reception to sending; absent where nobody measures it. */
  readonly transit_time?: TransitTimes;
  /** Totals by name: `total_…`, `dropped_…`, `packet_io_…`. */
  readonly counters: Readonly<Record<string, number>>;
}
