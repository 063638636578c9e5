/** What a peer that follows the letter of RFC 9260 but not its spirit can make us do. */
import { expect, test } from 'vitest';
import { type Chunk, ChunkType, parseSctpPacket, writeSctpPacket } from './chunk.ts';
import { parseDataChunk, writeDataChunk } from './data-chunk.ts';
import { AssociationPair } from './testing/association-pair.ts';

/** A server whose client is now ours to play. */
function hostile() {
  const pair = new AssociationPair().connect();
  pair.send(pair.client, 'x');
  const output = pair.client.association.pollOutput();
  if (output?.type !== 'send') throw new Error('nothing sent');
  const packet = parseSctpPacket(output.packet);
  const [first] = packet?.chunks ?? [];
  if (packet === undefined || first === undefined) throw new Error('no packet');
  const data = parseDataChunk(first.flags, first.value);
  if (data === undefined) throw new Error('no data');
  const { association } = pair.server;
  return {
    server: association,
    nextTsn: data.tsn,
    /** What the server sends in answer. */
    send(chunks: readonly Chunk[]): Uint8Array[] {
      association.handlePacket(writeSctpPacket({ ...packet, chunks }), pair.nowMs);
      const answers: Uint8Array[] = [];
      for (;;) {
        const answer = association.pollOutput();
        if (answer === undefined) return answers;
        if (answer.type === 'send') answers.push(answer.packet);
      }
    },
  };
}

test('one packet is not answered with many', () => {
  const { send } = hostile();
  const beat: Chunk = { type: ChunkType.heartbeat, flags: 0, value: new Uint8Array(4) };
  expect(send([beat])).toHaveLength(1);
  expect(send(Array.from({ length: 60 }, () => beat)).length).toBeLessThanOrEqual(8);
});

test('a message in crumbs is dropped before they take more memory than it', () => {
  const { send, server, nextTsn } = hostile();
  let tsn = nextTsn;
  const crumb = (isFirst: boolean, isLast: boolean): Chunk => {
    const { flags, value } = writeDataChunk({
      tsn: tsn++ >>> 0,
      streamId: 0,
      streamSequence: 0,
      payloadProtocol: 51,
      isUnordered: false,
      isFirst,
      isLast,
      data: Uint8Array.of(65),
    });
    return { type: ChunkType.data, flags, value };
  };
  send([crumb(true, false)]);
  for (let i = 0; i < 50; i++) send(Array.from({ length: 50 }, () => crumb(false, false)));
  expect(server.droppedMessages).toBe(1);
  send([crumb(false, true), crumb(true, true)]);
  expect(server.droppedMessages).toBe(1);
});
