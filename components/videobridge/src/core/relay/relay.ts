/**
 * One end of a relay: the way of a conference to another bridge that it is on. Each packet of an endpoint crosses once for every other
 * bridge, as it came and decrypted; what receivers get of it is decided where they are. State only.
 *
 * What the sender's bridge misses it asks the sender for, and what comes then crosses too. What gets lost between bridges (because
 * too much waits) is asked for across the relay, a moment later.
 */
import type { RelayTransport } from '@conclave/protocols/colibri';
import type { Conference } from '../conference.ts';
import type { IncomingStream } from '../incoming-stream.ts';
import type { PayloadTable } from '../payload-table.ts';
import type { RemoteEndpoint } from './remote-endpoint.ts';

export class Relay {
  /** The bridge at the other end. */
  readonly bridgeId: string;
  readonly conference: Conference;
  /** What endpoints there have negotiated at most. */
  readonly payloads: PayloadTable;
  /** packet-io's handle. */
  readonly peer: number;
  /** Our end. */
  readonly transport: RelayTransport;
  /** The other end, once it is known. */
  remote: RelayTransport | undefined;
  /** By id. */
  readonly endpoints = new Map<string, RemoteEndpoint>();
  /** By signed SSRC, of RTX too. */
  readonly ownersBySsrc = new Map<number, RemoteEndpoint>();
  /** Those that packets are missing of that the other bridge may have. */
  readonly incompleteStreams = new Set<IncomingStream>();

  constructor(
    bridgeId: string,
    conference: Conference,
    payloads: PayloadTable,
    peer: number,
    transport: RelayTransport,
  ) {
    this.bridgeId = bridgeId;
    this.conference = conference;
    this.payloads = payloads;
    this.peer = peer;
    this.transport = transport;
  }

  get isConnected(): boolean {
    return this.remote !== undefined;
  }

  /** The sources of an endpoint changed. */
  index(endpoint: RemoteEndpoint): void {
    for (const [ssrc, owner] of this.ownersBySsrc) {
      if (owner === endpoint) this.ownersBySsrc.delete(ssrc);
    }
    for (const ssrc of endpoint.streamsBySsrc.keys()) this.ownersBySsrc.set(ssrc, endpoint);
    for (const ssrc of endpoint.streamsByRtxSsrc.keys()) this.ownersBySsrc.set(ssrc, endpoint);
  }
}
