/**
 * Packets of one frame of one stream that came right behind each other. What is decided about the first
 * holds for all of them, so that each receiver costs one decision and one send record per run.
 */
import type { RtpHeader } from '@conclave/protocols/rtp';
import { IncomingPacket } from './incoming-packet.ts';
import type { IncomingStream } from './incoming-stream.ts';
import { RUN_PACKETS } from './packet-port.ts';
import { RTP_HEADER_BYTES } from './send-pipeline.ts';
import type { SourceOwner } from './source-owner.ts';

export class PacketRun {
  /** The first `length` of them are in the run. */
  readonly packets: IncomingPacket[] = Array.from(
    { length: RUN_PACKETS + 1 },
    () => new IncomingPacket(),
  );
  /** As they will be sent, without what SRTP adds. */
  readonly sizesBytes = new Uint16Array(RUN_PACKETS);
  /** Where the sizes are in `SentLog`, once the run was written. */
  sizesAt = 0;
  length = 0;
  hasSwitchPoint = false;
  #stream: IncomingStream | undefined;

  /** Of a run that is not empty. */
  get stream(): IncomingStream {
    if (this.#stream === undefined) throw new Error('the run is empty');
    return this.#stream;
  }

  /** A place for a packet that may be appended. */
  get next(): IncomingPacket {
    return this.packets[this.length]!;
  }

  /** A first look at a packet that is not read yet: false means it begins another run. */
  mayContinue(endpoint: SourceOwner, header: RtpHeader): boolean {
    const { ssrc, source } = this.stream;
    return (
      header.ssrc === ssrc &&
      source.owner === endpoint &&
      (header.timestamp | 0) === this.packets[0]!.timestamp
    );
  }

  /** Whether the packet in `next`, of `stream`, belongs to this run. */
  continues(stream: IncomingStream): boolean {
    const last = this.packets[this.length - 1]!;
    const { next } = this;
    return (
      this.length < RUN_PACKETS &&
      stream === this.#stream &&
      next.extendedSeq === last.extendedSeq + 1 &&
      last.isFrameMate(next)
    );
  }

  /** Takes in the packet in `next`. */
  append(stream: IncomingStream): void {
    const { next } = this;
    if (this.length === 0) this.hasSwitchPoint = false;
    this.#stream = stream;
    this.hasSwitchPoint ||= next.isSwitchPoint;
    this.sizesBytes[this.length] = RTP_HEADER_BYTES + next.payloadLength;
    this.length++;
  }

  /** Of `count` packets from position `at` on. */
  payloadBytes(at: number, count: number): number {
    let sum = -count * RTP_HEADER_BYTES;
    for (let i = at; i < at + count; i++) sum += this.sizesBytes[i]!;
    return sum;
  }

  /** Empties the run; the packet in `next` stays there. */
  clear(): void {
    const { packets, length } = this;
    const kept = packets[length]!;
    packets[length] = packets[0]!;
    packets[0] = kept;
    this.length = 0;
    this.#stream = undefined;
  }
}
