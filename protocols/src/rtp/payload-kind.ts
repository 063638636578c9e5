/** What a forwarder must know of a payload type: how its packets are treated. */

export const PayloadKind = {
  /** Not negotiated. */
  none: 0,
  /** Forwarded as it is (opus, telephone-event, RED). */
  audio: 1,
  vp8: 2,
  /** A video codec whose layers are not read: forwarded whole, without layer choice. */
  genericVideo: 3,
  /** RFC 4588: carries packets of the type in its `apt` parameter. */
  rtx: 4,
} as const;

export type PayloadKindValue = (typeof PayloadKind)[keyof typeof PayloadKind];

/** The kind of a codec by its encoding name, which is not case-sensitive (RFC 4855 §3). */
export function payloadKindOf(mediaType: 'audio' | 'video', name: string): PayloadKindValue {
  const codec = name.toLowerCase();
  if (codec === 'rtx') return PayloadKind.rtx;
  if (mediaType === 'audio') return PayloadKind.audio;
  if (codec === 'vp8') return PayloadKind.vp8;
  // Error correction codes have a sequence of their own to protect; nothing here can forward them.
  if (codec === 'red' || codec === 'ulpfec' || codec === 'flexfec-03') return PayloadKind.none;
  return PayloadKind.genericVideo;
}
