/**
 * Whoever sources belong to: an endpoint of this bridge, or one of another bridge, whose packets come over a relay. The
 * sending half of an endpoint; state only.
 */
import type { TransportCcRecorder } from '@conclave/protocols/rtcp';
import type { IncomingEstimate } from './bandwidth/incoming-estimate.ts';
import type { Conference } from './conference.ts';
import type { IncomingStream } from './incoming-stream.ts';
import type { PayloadTable } from './payload-table.ts';
import type { Source, SourceVideoType } from './source.ts';

export abstract class SourceOwner {
  readonly id: string;
  readonly conference: Conference;
  readonly payloads: PayloadTable;
  /** It is on another bridge. */
  abstract readonly isRemote: boolean;
  /** Nothing is heard of it, and the others know. */
  isInterrupted = false;
  /** RTCP reaches it; an endpoint of this bridge can be sent packets. */
  isConnected = false;
  /** Of this bridge: it is seen to on every tick, not now and then. Kept by `Housekeeping`. */
  isUrgent = true;
  sources: readonly Source[] = [];
  /** By SSRC as a signed number, which a Map finds without allocating. */
  readonly streamsBySsrc = new Map<number, IncomingStream>();
  readonly streamsByRtxSsrc = new Map<number, IncomingStream>();
  /** Those that packets are missing of, as far as they were seen; of another bridge, those of all its endpoints. Kept by `Housekeeping`. */
  abstract readonly incompleteStreams: Set<IncomingStream>;
  /** What the client said of its sources, by name; may come before they are signalled. */
  readonly videoTypes = new Map<string, SourceVideoType>();
  /** What is told to the sender about its path; nothing when that is another bridge's business. */
  abstract readonly transportCc: TransportCcRecorder | undefined;
  abstract readonly incoming: IncomingEstimate | undefined;
  isAudioForceMuted = false;
  isVideoForceMuted = false;

  constructor(id: string, conference: Conference, payloads: PayloadTable) {
    this.id = id;
    this.conference = conference;
    this.payloads = payloads;
  }

  /** packet-io's handle, to which RTCP for the sources goes. */
  abstract get peer(): number;
}
