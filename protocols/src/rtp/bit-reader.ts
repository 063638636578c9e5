/** Reads fields of 1 to 31 bits, the highest bit of each byte first. Behind the end everything is 0, and `isCut` tells. */
export class BitReader {
  isCut = false;
  #buffer: Uint8Array = new Uint8Array();
  #bit = 0;
  #endBit = 0;

  reset(buffer: Uint8Array, offset: number, length: number): void {
    this.#buffer = buffer;
    this.#bit = offset * 8;
    this.#endBit = Math.min(offset + length, buffer.length) * 8;
    this.isCut = false;
  }

  get bitsLeft(): number {
    return this.#endBit - this.#bit;
  }

  read(bits: number): number {
    if (this.#bit + bits > this.#endBit) {
      this.isCut = true;
      return 0;
    }
    let value = 0;
    for (let i = 0; i < bits; i++, this.#bit++) {
      value = (value << 1) | ((this.#buffer[this.#bit >> 3]! >> (7 - (this.#bit & 7))) & 1);
    }
    return value;
  }

  flag(): boolean {
    return this.read(1) === 1;
  }

  /** A number below `count` in as few bits as it takes (`ns(n)` of the AV1 specification). */
  nonSymmetric(count: number): number {
    const width = 32 - Math.clz32(count);
    const shorter = (1 << width) - count;
    const value = this.read(width - 1);
    if (value < shorter) return value;
    return (value << 1) - shorter + this.read(1);
  }
}
