/** Fingerprints from SDP or Jingle to digests (RFC 8122 §5). What cannot be read is left out. */

/** Hash names with the number C knows them by and the bytes of a digest. */
const HASHES: Readonly<Record<string, { readonly id: number; readonly bytes: number }>> = {
  'sha-1': { id: 1, bytes: 20 },
  'sha-256': { id: 256, bytes: 32 },
  'sha-384': { id: 384, bytes: 48 },
  'sha-512': { id: 512, bytes: 64 },
};
/** As FINGERPRINTS_PER_PEER in layout.h. */
const MAX_FINGERPRINTS = 8;

function parseDigest(value: string, bytes: number): Uint8Array | undefined {
  if (value.length !== bytes * 3 - 1 || !/^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2})*$/.test(value)) {
    return undefined;
  }
  return Uint8Array.from(value.split(':'), (pair) => Number.parseInt(pair, 16));
}

/** Both arrays in the same order; at most 8, empty when none is usable. */
export function parseFingerprints(
  fingerprints: readonly { readonly hash: string; readonly value: string }[],
): { readonly hashes: Int32Array; readonly digests: Uint8Array } {
  const hashes: number[] = [];
  const digests: number[] = [];
  for (const { hash, value } of fingerprints) {
    const name = hash.toLowerCase();
    const known = Object.hasOwn(HASHES, name) ? HASHES[name] : undefined;
    const digest = known && parseDigest(value.trim(), known.bytes);
    if (known === undefined || digest === undefined || hashes.length === MAX_FINGERPRINTS) continue;
    hashes.push(known.id);
    digests.push(...digest);
  }
  return { hashes: Int32Array.from(hashes), digests: Uint8Array.from(digests) };
}
