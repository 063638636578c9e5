/** A QR code of a link that a phone can read from a screen. */
import { encodeQR } from 'qr';

/** Squares by row and column, true: dark. With the empty margin that cameras need (ISO/IEC 18004 §6.3.8). */
export type QrCode = readonly (readonly boolean[])[];

/** What fits 57 by 57 squares: more are too small for a camera at arm's length. */
const MOST_BYTES = 213;
const MARGIN = 4;

/** With error correction level M. Undefined for what is longer than 213 bytes in UTF-8. */
export function qrCodeOf(text: string): QrCode | undefined {
  if (new TextEncoder().encode(text).length > MOST_BYTES) return undefined;
  return encodeQR(text, 'raw', { ecc: 'medium', encoding: 'byte', border: MARGIN });
}
