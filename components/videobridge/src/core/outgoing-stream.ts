/**
 * The bridge as a sender of one SSRC to one receiver. It outlives sources and projections: under one
 * set of SRTP keys a (SSRC, sequence number) pair must never be used for two different packets
 * (RFC 3711 §9.1), even when a source goes and comes back with the same SSRC.
 */
import { type RandomSource, randomUint32 } from '@conclave/base';
import { PictureNumbers } from './projection/picture-numbers.ts';

export class OutgoingStream {
  /** Unsigned. */
  readonly ssrc: number;
  /** The same as a signed number, which needs no allocation to be passed on. */
  readonly ssrcWord: number;
  /** Next number that was never used, extended: the upper part is SRTP's roll-over counter. */
  nextSeq: number;
  /** A header extension of all its packets, as a record's word: the MID; 0 for none. */
  midWord = 0;
  hasSent = false;
  /** Not before: the receiver has to get ready for an SSRC that it was told of on its channel. */
  readyMs = 0;
  /** Of the newest packet. */
  lastTimestamp = 0;
  /** Whole milliseconds: a number that V8 keeps in place. */
  lastSentMs = 0;
  lastMarker = true;
  /** Modulo 2^32, and signed: V8 keeps such numbers in place however long a call lasts. */
  packetCount = 0;
  octetCount = 0;
  /** Middle 32 bits of the NTP time in the last sender report, and when we sent it. */
  lastSrCompact = 0;
  lastSrSentMs = 0;
  #pictures: PictureNumbers | undefined;

  constructor(ssrc: number, random: RandomSource) {
    this.ssrc = ssrc >>> 0;
    this.ssrcWord = ssrc | 0;
    // RFC 3711 §3.3.1: well below the wrap, lest loss of the first packets hides a roll-over.
    this.nextSeq = 1 + (randomUint32(random) & 0x3fff);
  }

  /** Video only. */
  get pictures(): PictureNumbers {
    this.#pictures ??= new PictureNumbers();
    return this.#pictures;
  }

  /** Accounts for a sent packet; `extendedSeq` may be older than the newest. */
  sent(
    extendedSeq: number,
    timestamp: number,
    marker: boolean,
    payloadLength: number,
    nowMs: number,
  ): void {
    this.sentRun(extendedSeq, 1, timestamp, marker, payloadLength, nowMs);
  }

  /** The same for `count` packets from `extendedSeq` on; timestamp and marker are those of the last. */
  sentRun(
    extendedSeq: number,
    count: number,
    timestamp: number,
    marker: boolean,
    payloadBytes: number,
    nowMs: number,
  ): void {
    this.packetCount = (this.packetCount + count) | 0;
    this.octetCount = (this.octetCount + payloadBytes) | 0;
    if (extendedSeq + count <= this.nextSeq) return;
    this.nextSeq = extendedSeq + count;
    this.hasSent = true;
    this.lastTimestamp = timestamp;
    this.lastMarker = marker;
    this.lastSentMs = Math.floor(nowMs);
  }
}
