/** Reed-Solomon codewords of QR codes: arithmetic in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1 (ISO/IEC 18004 §7.5, annex A). */

const FIELD = 0x11d;
const EXP = new Uint8Array(510);
const LOG = new Uint8Array(256);
for (let power = 0, value = 1; power < 255; power++) {
  EXP[power] = value;
  EXP[power + 255] = value;
  LOG[value] = power;
  value = value < 128 ? value * 2 : (value * 2) ^ FIELD;
}

export function multiply(one: number, other: number): number {
  if (one === 0 || other === 0) return 0;
  return EXP[(LOG[one] ?? 0) + (LOG[other] ?? 0)] ?? 0;
}

/** Two to this power. */
export function powerOfTwo(power: number): number {
  return EXP[power % 255] ?? 0;
}

/** Coefficients of (x - 1)(x - 2)(x - 4)… with so many factors, highest power first, without the leading 1. */
function generator(count: number): Uint8Array {
  const coefficients = new Uint8Array(count);
  coefficients[count - 1] = 1;
  for (let factor = 0; factor < count; factor++) {
    for (let i = 0; i < count; i++) {
      const next = coefficients[i + 1] ?? 0;
      coefficients[i] = multiply(coefficients[i] ?? 0, powerOfTwo(factor)) ^ next;
    }
  }
  return coefficients;
}

/** The codewords that follow `data` in its block. */
export function correctionOf(data: Uint8Array, count: number): Uint8Array {
  const divisor = generator(count);
  const rest = new Uint8Array(count);
  for (const byte of data) {
    const factor = byte ^ (rest[0] ?? 0);
    rest.copyWithin(0, 1);
    rest[count - 1] = 0;
    for (let i = 0; i < count; i++) rest[i] = (rest[i] ?? 0) ^ multiply(divisor[i] ?? 0, factor);
  }
  return rest;
}
