/** What a forwarder must know of a payload type: how its packets are treated. */

export const PayloadKind = {
  /** Not negotiated. */
  none: 0,
  /** Forwarded as it is (opus, telephone-event). */
  audio: 1,
  vp8: 2,
  /** A video codec that is not known: forwarded whole, from any packet on. */
  genericVideo: 3,
  /** RFC 4588: carries packets of the type in its `apt` parameter. */
  rtx: 4,
  vp9: 5,
  av1: 6,
  h264: 7,
  /** RFC 2198: audio with copies of earlier packets. */
  red: 8,
} as const;

export type PayloadKindValue = (typeof PayloadKind)[keyof typeof PayloadKind];

/** The kind of a codec by its encoding name, which is not case-sensitive (RFC 4855 §3). */
export function payloadKindOf(mediaType: 'audio' | 'video', name: string): PayloadKindValue {
  const codec = name.toLowerCase();
  if (codec === 'rtx') return PayloadKind.rtx;
  if (mediaType === 'audio') return codec === 'red' ? PayloadKind.red : PayloadKind.audio;
  if (codec === 'vp8') return PayloadKind.vp8;
  if (codec === 'vp9') return PayloadKind.vp9;
  if (codec === 'av1') return PayloadKind.av1;
  if (codec === 'h264') return PayloadKind.h264;
  // Error correction codes have a sequence of their own to protect; nothing here can forward them.
  if (codec === 'red' || codec === 'ulpfec' || codec === 'flexfec-03') return PayloadKind.none;
  return PayloadKind.genericVideo;
}

export function isAudioKind(kind: PayloadKindValue): boolean {
  return kind === PayloadKind.audio || kind === PayloadKind.red;
}
