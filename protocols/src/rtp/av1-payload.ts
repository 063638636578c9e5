/**
 * Looks at the aggregation header of an AV1 payload ("RTP Payload Format For AV1" v1.0 §4.4):
 *
 *     |Z|Y| W |N|-|-|-|
 */

/** N: the first packet of a coded video sequence, with which a receiver can begin. */
export function beginsAv1Sequence(buffer: Uint8Array, offset: number, length: number): boolean {
  return length >= 1 && offset + length <= buffer.length && (buffer[offset]! & 0x88) === 0x08;
}
