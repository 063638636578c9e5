/** A viewer of a mountpoint: ICE, DTLS and SRTP for real; what arrives is decrypted and its numbers are looked at. */
import { PacketKind, SLOT_SIZE } from '@conclave/platform/packet-io';
import type { IceCandidate, IceTransport } from '@conclave/protocols/colibri';
import { MediaTransport } from '@conclave/testkit/media';

const SLOTS = 1024;

export class Viewer {
  received = 0;
  /** Gaps in the numbers. */
  missing = 0;
  readonly transport: MediaTransport;
  #lastSequence = -1;

  constructor(offer: string) {
    this.transport = new MediaTransport(
      transportOf(offer),
      { packet: (slot, _length, kind) => this.#receive(slot, kind) },
      { slots: SLOTS, batchWindowUs: 0 },
    );
  }

  /** Of what this viewer itself had no room for. */
  get notTaken(): number {
    return this.transport.io.counters().rxNoSlot;
  }

  /** The answer, with `address` as the viewer's own. */
  answer(offer: string, address: string): string {
    const { ufrag, password, fingerprints } = this.transport.local;
    const mid = attributeOf(offer, 'mid');
    return [
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      't=0 0',
      `a=group:BUNDLE ${mid}`,
      'm=video 9 UDP/TLS/RTP/SAVPF 100',
      'c=IN IP4 0.0.0.0',
      `a=mid:${mid}`,
      'a=recvonly',
      'a=rtcp-mux',
      'a=rtpmap:100 VP8/90000',
      `a=ice-ufrag:${ufrag}`,
      `a=ice-pwd:${password}`,
      `a=fingerprint:sha-256 ${fingerprints[0]?.value}`,
      'a=setup:active',
      `a=candidate:1 1 udp 2130706431 ${address} ${this.transport.io.port} typ host`,
      'a=end-of-candidates',
      '',
    ].join('\r\n');
  }

  #receive(slot: number, kind: number): void {
    if (kind !== PacketKind.rtp) return;
    const { arena } = this.transport.io;
    const at = slot * SLOT_SIZE;
    const sequence = ((arena[at + 2] ?? 0) << 8) | (arena[at + 3] ?? 0);
    const step = (sequence - this.#lastSequence) & 0xffff;
    if (this.#lastSequence >= 0 && step > 1 && step < 0x8000) this.missing += step - 1;
    this.#lastSequence = sequence;
    this.received++;
  }
}

function attributeOf(sdp: string, attribute: string): string {
  const value = new RegExp(`^a=${attribute}:(.*?)\r?$`, 'm').exec(sdp)?.[1];
  if (value === undefined) throw new Error(`the offer has no ${attribute}`);
  return value;
}

function transportOf(offer: string): IceTransport {
  const [hash = '', value = ''] = attributeOf(offer, 'fingerprint').split(' ');
  return {
    ufrag: attributeOf(offer, 'ice-ufrag'),
    password: attributeOf(offer, 'ice-pwd'),
    candidates: candidatesOf(offer),
    fingerprints: [{ hash, value, setup: 'actpass' }],
  };
}

/** Of UDP, component 1. */
function candidatesOf(offer: string): IceCandidate[] {
  const lines = offer.matchAll(/^a=candidate:(\S+) 1 udp (\d+) (\S+) (\d+) typ host/gim);
  return [...lines].map(([, foundation = '', priority, address = '', port]) => ({
    foundation,
    component: 1,
    protocol: 'udp',
    priority: Number(priority),
    address,
    port: Number(port),
    type: 'host',
  }));
}
