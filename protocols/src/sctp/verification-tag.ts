/** Whose tag a packet must carry (RFC 9260 §8.5). */
import { type Chunk, ChunkType, type SctpPacket } from './chunk.ts';

/** The other side has no state for this tag (ABORT and SHUTDOWN COMPLETE). */
const TAG_IS_REFLECTED = 1;

/** Whether the packet's chunk at `index` may be looked at; the tags are those of the association, as far as there is one. */
export function hasRightTag(
  packet: SctpPacket,
  { type, flags }: Chunk,
  index: number,
  ownTag: number | undefined,
  peerTag: number | undefined,
): boolean {
  const tag = packet.verificationTag;
  if (type === ChunkType.init) return tag === 0 && index === 0 && packet.chunks.length === 1;
  if (type === ChunkType.cookieEcho) return tag !== 0; // compared with the cookie's
  const mayReflect = type === ChunkType.abort || type === ChunkType.shutdownComplete;
  if (mayReflect && flags & TAG_IS_REFLECTED) return tag === peerTag;
  return tag !== 0 && tag === ownTag;
}
