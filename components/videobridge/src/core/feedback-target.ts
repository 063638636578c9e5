/** Whoever RTCP can be sent to: an endpoint of this bridge, or the far end of a relay for those behind it. */
import type { PayloadTable } from './payload-table.ts';

export interface FeedbackTarget {
  readonly isConnected: boolean;
  /** packet-io's handle. */
  readonly peer: number;
  readonly payloads: Pick<PayloadTable, 'hasPli'>;
  readonly conference: { readonly feedbackVideoSsrc: number };
}
