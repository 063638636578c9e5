/** Random, mutated and well-formed but hostile packets: an association never throws and stays within its bounds. */
import { byteCorpus } from '@conclave/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeSctpPacket } from './chunk.ts';
import { crc32c } from './crc32c.ts';
import { parseDcepMessage, writeDcepMessage } from './dcep.ts';
import { AssociationPair } from './testing/association-pair.ts';

const RUNS = { numRuns: 100_000 };

const chunks = fc.array(
  fc.record({
    type: fc.oneof(
      fc.constantFrom(0, 0, 0, 1, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 14, 130, 130, 192),
      fc.nat(255),
    ),
    flags: fc.nat(7),
    value: fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      // DATA, SACK, FORWARD-TSN and so on near the numbers that are really in use.
      fc
        .tuple(fc.integer({ min: -20, max: 20 }), fc.uint8Array({ maxLength: 40 }))
        .map(([offset, rest]) => {
          const value = new Uint8Array(4 + rest.length);
          new DataView(value.buffer).setInt32(0, offset - 1);
          value.set(rest, 4);
          return value;
        }),
    ),
  }),
  { maxLength: 6 },
);

/** The common header in front of chunks, with the sum that belongs to them. */
function packetOf(chunkBytes: Uint8Array, verificationTag: number): Uint8Array {
  const packet = new Uint8Array(12 + chunkBytes.length);
  packet.set(chunkBytes, 12);
  const view = new DataView(packet.buffer);
  view.setUint16(0, 5000);
  view.setUint16(2, 5000);
  view.setUint32(4, verificationTag);
  view.setUint32(8, crc32c(packet, 8), true);
  return packet;
}

test('the corpus, at one association after the other and at a new one each', () => {
  for (const isShared of [true, false]) {
    let pair = new AssociationPair().connect();
    let tag = tagOf(pair);
    for (const chunkBytes of byteCorpus(import.meta.url)) {
      const { association } = pair.server;
      for (const it of [tag, 0]) {
        association.handlePacket(packetOf(chunkBytes, it), pair.nowMs);
        pair.nowMs += 5_000;
        if ((association.nextTimeoutMs ?? Infinity) <= pair.nowMs) {
          association.handleTimeout(pair.nowMs);
        }
        let outputs = 0;
        while (association.pollOutput() !== undefined) outputs++;
        expect(outputs).toBeLessThan(400);
      }
      if (isShared && association.state === 'established') continue;
      pair = new AssociationPair().connect();
      tag = tagOf(pair);
    }
  }
});

test('bytes that are no packet', () => {
  const pair = new AssociationPair().connect();
  const { association } = pair.server;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.boolean(), (bytes, isSummed) => {
      const copy = bytes.slice();
      if (isSummed && copy.length >= 12) {
        new DataView(copy.buffer).setUint32(8, crc32c(copy, 8), true);
      }
      association.handlePacket(copy, pair.nowMs);
      while (association.pollOutput() !== undefined);
    }),
    RUNS,
  );
});

test('packets that carry the right tag', () => {
  let pair = new AssociationPair().connect();
  let tag = tagOf(pair);
  let count = 0;
  fc.assert(
    fc.property(chunks, fc.boolean(), (hostile, isInit) => {
      const { association } = pair.server;
      const packet = writeSctpPacket({
        sourcePort: 5000,
        destinationPort: 5000,
        verificationTag: isInit ? 0 : tag,
        chunks: hostile,
      });
      pair.nowMs += 50;
      association.handlePacket(packet, pair.nowMs);
      association.send(0, 51, Uint8Array.of(1), pair.nowMs);
      if ((association.nextTimeoutMs ?? Infinity) <= pair.nowMs)
        association.handleTimeout(pair.nowMs);
      let outputs = 0;
      while (association.pollOutput() !== undefined) outputs++;
      expect(outputs).toBeLessThan(400);
      if (association.state !== 'established' || ++count % 1000 === 0) {
        pair = new AssociationPair().connect();
        tag = tagOf(pair);
      }
    }),
    RUNS,
  );
});

test('data channel messages', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const message = parseDcepMessage(bytes);
      if (message !== undefined) parseDcepMessage(writeDcepMessage(message));
    }),
    RUNS,
  );
  fc.assert(
    fc.property(
      fc.nat(255),
      fc.string({ maxLength: 60 }),
      fc.string({ maxLength: 60 }),
      (channelType, label, protocol) => {
        const open = { type: 'open', channelType, label, protocol } as const;
        expect(parseDcepMessage(writeDcepMessage(open))).toEqual(open);
      },
    ),
  );
});

/** Of the server: what the client puts into its packets. */
function tagOf(pair: AssociationPair): number {
  pair.send(pair.client, 'x');
  const output = pair.client.association.pollOutput();
  if (output?.type !== 'send') throw new Error('nothing was sent');
  pair.server.association.handlePacket(output.packet, pair.nowMs);
  while (pair.server.association.pollOutput() !== undefined);
  return new DataView(output.packet.buffer).getUint32(4);
}
