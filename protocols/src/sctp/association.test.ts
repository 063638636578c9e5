import { describe, expect, test } from 'vitest';
import { crc32c } from './crc32c.ts';
import { AssociationPair, type Chance } from './testing/association-pair.ts';

function chanceOf(seed: number): Chance {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const LONG = 'long '.repeat(20_000);

test('the checksum is CRC32c (RFC 9260 appendix A)', () => {
  // The check value of the Castagnoli polynomial, and 32 zeros (RFC 3720 §B.4).
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
});

describe('handshake', () => {
  test('both sides are connected after INIT, INIT ACK, COOKIE ECHO, COOKIE ACK (§5.1)', () => {
    const pair = new AssociationPair().connect();
    expect(pair.client.news).toEqual(['connected']);
    expect(pair.server.news).toEqual(['connected']);
    expect(pair.client.packetsSent).toBe(2);
    expect(pair.server.packetsSent).toBe(2);
  });

  test('two INITs that cross each other make one association (§5.2.1)', () => {
    const pair = new AssociationPair();
    pair.server.association.connect(pair.nowMs);
    pair.connect();
    expect(pair.client.news).toEqual(['connected']);
    expect(pair.server.news).toEqual(['connected']);
    pair.send(pair.client, 'hello');
    pair.send(pair.server, 'welcome');
    pair.run();
    expect(pair.server.texts).toEqual(['hello']);
    expect(pair.client.texts).toEqual(['welcome']);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('it survives loss of half the packets (seed %i)', (seed) => {
    const pair = new AssociationPair({ lossShare: 0.5 }, chanceOf(seed)).connect();
    expect(pair.client.association.state).toBe('established');
    expect(pair.server.association.state).toBe('established');
  });

  test('a peer that starts anew begins a new association (§5.2.2)', () => {
    const pair = new AssociationPair().connect();
    pair.client.association.abort();
    while (pair.client.association.pollOutput() !== undefined); // the ABORT is lost
    pair.connect();
    expect(pair.server.news).toEqual([
      'connected',
      'closed: the other side started anew',
      'connected',
    ]);
    pair.send(pair.client, 'again');
    expect(pair.run().server.texts).toEqual(['again']);
  });
});

describe('messages', () => {
  test('long ones are cut and put together again, in order', () => {
    const pair = new AssociationPair().connect();
    for (const text of ['first', LONG, 'last']) expect(pair.send(pair.client, text)).toBe(true);
    expect(pair.run().server.texts).toEqual(['first', LONG, 'last']);
  });

  test('nothing is sent before the association stands, nor empty, nor beyond the queue', () => {
    const pair = new AssociationPair();
    expect(pair.send(pair.client, 'early')).toBe(false);
    pair.connect();
    expect(pair.send(pair.client, '')).toBe(false);
    const accepted = Array.from({ length: 20 }, () => pair.send(pair.client, LONG)).filter(Boolean);
    expect(accepted.length).toBeGreaterThan(5);
    expect(accepted.length).toBeLessThan(20);
    expect(pair.run().server.messages).toHaveLength(accepted.length);
  });

  test('one that is longer than the receiver takes is dropped, the next arrives', () => {
    const pair = new AssociationPair().connect();
    pair.send(pair.client, 'x'.repeat(300_000));
    pair.send(pair.client, 'next');
    expect(pair.run().server.texts).toEqual(['next']);
    expect(pair.server.association.droppedMessages).toBe(1);
  });

  test.each([
    { lossShare: 0.05, jitterMs: 0, duplicateShare: 0 },
    { lossShare: 0.2, jitterMs: 0, duplicateShare: 0 },
    { lossShare: 0, jitterMs: 100, duplicateShare: 0.2 },
    { lossShare: 0.1, jitterMs: 60, duplicateShare: 0.1 },
  ])('all arrive once and in order with %o', (link) => {
    for (let seed = 1; seed <= 20; seed++) {
      const pair = new AssociationPair(link, chanceOf(seed)).connect();
      const sent: string[] = [];
      for (let i = 0; i < 60; i++) {
        const text = `${i} ${'.'.repeat((i * 397) % 5000)}`;
        sent.push(text);
        pair.send(pair.client, text, i % 3);
        pair.send(pair.server, text, i % 2);
        pair.run(20);
      }
      pair.run(120_000);
      expect(pair.server.texts).toEqual(sent);
      expect(pair.client.texts).toEqual(sent);
    }
  });

  test('a single loss is repaired by fast retransmission, before the timeout (§7.2.4)', () => {
    let packets = 0;
    const pair = new AssociationPair({ lossShare: 0.5 }, () => {
      return ++packets === 9 ? 0 : 1; // the second chance of a delivered packet is its duplicate
    });
    pair.connect();
    const startedMs = pair.nowMs;
    pair.send(pair.client, 'y'.repeat(40_000));
    pair.run(390);
    expect(packets).toBeGreaterThan(9);
    expect(pair.server.messages).toHaveLength(1);
    expect(pair.nowMs - startedMs).toBeLessThan(400);
  });

  test('sequence numbers wrap', () => {
    const pair = new AssociationPair().connect();
    const texts = Array.from({ length: 70_000 }, (_, i) => String(i));
    for (const [i, text] of texts.entries()) {
      pair.send(pair.client, text);
      if (i % 200 === 0) pair.run(1000);
    }
    pair.run();
    expect(pair.server.messages).toHaveLength(70_000);
    expect(pair.server.texts.at(-1)).toBe('69999');
  });
});

describe('the end', () => {
  test('closing a channel resets the stream on both sides (RFC 8831 §6.7), and it can be used again', () => {
    const pair = new AssociationPair().connect();
    pair.send(pair.client, 'before', 2);
    pair.client.association.resetStreams([2], pair.nowMs);
    pair.run();
    expect(pair.server.texts).toEqual(['before']);
    expect(pair.server.news).toEqual(['connected', 'reset 2']);
    expect(pair.client.news).toEqual(['connected', 'reset 2']);
    pair.send(pair.client, 'after', 2);
    expect(pair.run().server.texts).toEqual(['before', 'after']);
  });

  test.each([1, 2, 3, 4])('a reset survives loss (seed %i)', (seed) => {
    const pair = new AssociationPair({ lossShare: 0.4 }, chanceOf(seed)).connect();
    pair.client.association.resetStreams([0], pair.nowMs);
    pair.run(30_000);
    expect(pair.client.news).toEqual(['connected', 'reset 0']);
    expect(pair.server.news).toEqual(['connected', 'reset 0']);
  });

  test('a shutdown delivers what was sent before (§9.2)', () => {
    const pair = new AssociationPair({ lossShare: 0.3 }, chanceOf(5)).connect();
    pair.send(pair.client, LONG);
    pair.client.association.shutdown(pair.nowMs);
    pair.run(120_000);
    expect(pair.server.texts).toEqual([LONG]);
    expect(pair.client.news).toEqual(['connected', 'closed: shut down']);
    expect(pair.server.news[1]).toMatch(/^closed/);
  });

  test('an abort ends both sides', () => {
    const pair = new AssociationPair().connect();
    pair.client.association.abort();
    pair.run();
    expect(pair.server.news).toEqual(['connected', 'closed: aborted by the other side']);
  });

  test('a packet with a wrong tag changes nothing (§8.5)', () => {
    const pair = new AssociationPair().connect();
    const other = new AssociationPair();
    other.connect();
    other.client.association.abort();
    const abort = other.client.association.pollOutput();
    if (abort?.type !== 'send') throw new Error('no ABORT');
    const forged = abort.packet.slice();
    forged[4] = 0x5a ^ (forged[4] ?? 0);
    new DataView(forged.buffer).setUint32(8, crc32c(forged, 8), true);
    pair.server.association.handlePacket(forged, pair.nowMs);
    expect(pair.server.association.state).toBe('established');
    expect(pair.server.association.invalidPackets).toBe(1);
  });
});
