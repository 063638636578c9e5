import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, test } from 'vitest';
import { PacketKind, type SrtpProfile } from './contract.ts';
import { filledSlot, LoopbackNode, loopbackAddress, writeSingle } from './loopback.fixture.ts';
import { createSelfSignedCertificate } from './packet-io.ts';

const nodes: LoopbackNode[] = [];

function node(...args: ConstructorParameters<typeof LoopbackNode>): LoopbackNode {
  const created = new LoopbackNode(...args);
  nodes.push(created);
  return created;
}

afterEach(() => {
  for (const { io } of nodes.splice(0)) io.close();
});

function pair(server: LoopbackNode, client: LoopbackNode) {
  const toClient = server.io.addPeer();
  const toServer = client.io.addPeer();
  server.io.bindAddress(toClient, client.address);
  client.io.bindAddress(toServer, server.address);
  return { toClient, toServer };
}

/** One record with a whole ClientHello as two records with a fragment each (RFC 6347 §4.2.3). */
function halvesOfHello(datagram: Uint8Array): Uint8Array[] {
  const recordHeader = 13;
  const handshakeHeader = 12;
  const body = datagram.subarray(recordHeader + handshakeHeader);
  const middle = body.length >> 1;
  return [
    { from: 0, to: middle, sequence: 0 },
    // Not 1: that is the client's next record, and would count as repeated.
    { from: middle, to: body.length, sequence: 40 },
  ].map(({ from, to, sequence }) => {
    const part = Buffer.alloc(recordHeader + handshakeHeader + to - from);
    part.set(datagram.subarray(0, recordHeader + handshakeHeader));
    part.writeUIntBE(sequence, 5, 6);
    part.writeUInt16BE(handshakeHeader + to - from, 11);
    part.writeUIntBE(from, 19, 3);
    part.writeUIntBE(to - from, 22, 3);
    part.set(body.subarray(from, to), recordHeader + handshakeHeader);
    return part;
  });
}

const sha256 = (value: string) => [{ hash: 'sha-256', value }];

describe('DTLS (RFC 5764)', () => {
  test.each<[SrtpProfile[] | undefined, SrtpProfile]>([
    [undefined, 'AEAD_AES_128_GCM'],
    [['AES128_CM_HMAC_SHA1_80'], 'AES128_CM_HMAC_SHA1_80'],
  ])('client offering %s agrees on %s, and media passes both ways', async (offered, profile) => {
    const server = node();
    const client = node(offered ? { srtpProfiles: offered } : {});
    const { toClient, toServer } = pair(server, client);
    server.io.startDtls(toClient, { role: 'server', fingerprints: sha256(client.io.fingerprint) });
    client.io.startDtls(toServer, { role: 'client', fingerprints: sha256(server.io.fingerprint) });
    await server.until((n) => n.connected.length === 1);
    await client.until((n) => n.connected.length === 1);
    expect(server.connected).toEqual([{ peer: toClient, profile }]);
    expect(client.connected).toEqual([{ peer: toServer, profile }]);

    for (const [from, to, peer] of [
      [server, client, toClient],
      [client, server, toServer],
    ] as const) {
      const slot = filledSlot(from.io, Uint8Array.of(1, 2, 3));
      writeSingle(from.io, 0, { slot, peer, length: 3 });
      expect(from.io.flush(1)).toBe(1);
      await to.until((n) => n.received.length === 1);
      expect([...(to.received[0]?.bytes.subarray(12) ?? [])]).toEqual([1, 2, 3]);
    }
  });

  test('application data passes both ways once the handshake is done, and not before', async () => {
    const server = node();
    const client = node();
    const { toClient, toServer } = pair(server, client);
    server.io.startDtls(toClient, { role: 'server', fingerprints: sha256(client.io.fingerprint) });
    client.io.startDtls(toServer, { role: 'client', fingerprints: sha256(server.io.fingerprint) });
    expect(server.io.sendApplicationData(toClient, Uint8Array.of(1))).toBe(false);
    await server.until((n) => n.connected.length === 1);
    await client.until((n) => n.connected.length === 1);
    for (const [from, to, peer] of [
      [server, client, toClient],
      [client, server, toServer],
    ] as const) {
      const data = Uint8Array.from({ length: 1200 }, (_, i) => i);
      expect(from.io.sendApplicationData(peer, data)).toBe(true);
      await to.until((n) => n.received.length === 1);
      expect(to.received[0]?.kind).toBe(PacketKind.applicationData);
      expect(to.received[0]?.bytes).toEqual(data);
      expect(from.io.sendApplicationData(peer, new Uint8Array())).toBe(false);
      expect(from.io.sendApplicationData(peer, new Uint8Array(2049))).toBe(false);
      expect(from.io.sendApplicationData(77, data)).toBe(false);
    }
  });

  test('a wrong fingerprint ends the handshake on the side that saw it, without keys', async () => {
    const server = node();
    const client = node();
    const other = createSelfSignedCertificate({
      commonName: 'x',
      alternativeNames: [],
      validDays: 1,
    });
    const impostor = node(other);
    const { toClient, toServer } = pair(server, client);
    server.io.startDtls(toClient, {
      role: 'server',
      fingerprints: sha256(impostor.io.fingerprint),
    });
    client.io.startDtls(toServer, { role: 'client', fingerprints: sha256(server.io.fingerprint) });
    await server.until((n) => n.closed.length === 1);
    expect(server.closed).toEqual([{ peer: toClient, reason: 'fingerprint mismatch' }]);
    await client.until((n) => n.closed.length === 1);
    expect(server.connected).toEqual([]);
    expect(server.io.sendRtcp(toClient, new Uint8Array(8))).toBe(false);
  });

  test('the client checks the server too', async () => {
    const server = node();
    const client = node();
    const { toClient, toServer } = pair(server, client);
    server.io.startDtls(toClient, { role: 'server', fingerprints: sha256(client.io.fingerprint) });
    const wrong = server.io.fingerprint.replace(
      /^../,
      server.io.fingerprint.startsWith('00') ? '01' : '00',
    );
    client.io.startDtls(toServer, { role: 'client', fingerprints: sha256(wrong) });
    await client.until((n) => n.closed.length === 1);
    expect(client.closed[0]?.reason).toBe('fingerprint mismatch');
    expect(client.connected).toEqual([]);
  });

  test('one matching fingerprint of several is enough, lower case allowed', async () => {
    const server = node();
    const client = node();
    const { toClient, toServer } = pair(server, client);
    const fingerprints = [
      { hash: 'sha-256', value: Array(32).fill('AA').join(':') },
      { hash: 'md5', value: 'nonsense' },
      { hash: 'SHA-256', value: client.io.fingerprint.toLowerCase() },
    ];
    server.io.startDtls(toClient, { role: 'server', fingerprints });
    client.io.startDtls(toServer, { role: 'client', fingerprints: sha256(server.io.fingerprint) });
    await server.until((n) => n.connected.length === 1);
    expect(server.connected).toHaveLength(1);
  });

  test('without a usable fingerprint the association is closed, not opened to everybody', async () => {
    const server = node();
    const peer = server.io.addPeer();
    server.io.startDtls(peer, {
      role: 'server',
      fingerprints: [{ hash: 'sha-256', value: 'AB:CD' }],
    });
    expect(server.closed).toEqual([]);
    await server.until((n) => n.closed.length === 1);
    expect(server.closed).toEqual([{ peer, reason: 'no usable fingerprint' }]);
  });

  test('a ClientHello that overtakes startDtls is kept', async () => {
    const server = node();
    const client = node();
    const { toClient, toServer } = pair(server, client);
    client.io.startDtls(toServer, { role: 'client', fingerprints: sha256(server.io.fingerprint) });
    await server.settled();
    server.io.startDtls(toClient, { role: 'server', fingerprints: sha256(client.io.fingerprint) });
    await client.until((n) => n.connected.length === 1);
    expect(client.connected).toHaveLength(1);
  });

  test.each([
    ['before startDtls', false],
    ['after startDtls', true],
  ])('a ClientHello in two datagrams is put together, %s', async (_name, startFirst) => {
    const server = node();
    const client = node();
    const { toClient, toServer } = pair(server, client);
    const middle = createSocket('udp4');
    await new Promise<void>((resolve) => middle.bind(0, '127.0.0.1', resolve));
    const address = loopbackAddress(middle.address().port);
    server.io.bindAddress(toClient, address);
    client.io.bindAddress(toServer, address);
    let halves = 0;
    middle.on('message', (message, from) => {
      const isHello = message[0] === 22 && message[13] === 1 && halves === 0;
      const parts = isHello ? halvesOfHello(message) : [message];
      if (isHello) halves = parts.length;
      const to = from.port === server.io.port ? client.io.port : server.io.port;
      for (const part of parts) middle.send(part, to, '127.0.0.1');
    });
    const start = () =>
      server.io.startDtls(toClient, {
        role: 'server',
        fingerprints: sha256(client.io.fingerprint),
      });
    if (startFirst) start();
    client.io.startDtls(toServer, { role: 'client', fingerprints: sha256(server.io.fingerprint) });
    if (!startFirst) {
      while (server.io.counters().rxPackets < 2) await new Promise(setImmediate);
      start();
    }
    await client.until((n) => n.connected.length === 1);
    expect(halves).toBe(2);
    expect(client.connected).toHaveLength(1);
    middle.close();
  });

  test('removing a peer tells the other side', async () => {
    const server = node();
    const client = node();
    const { toClient, toServer } = pair(server, client);
    server.io.startDtls(toClient, { role: 'server', fingerprints: sha256(client.io.fingerprint) });
    client.io.startDtls(toServer, { role: 'client', fingerprints: sha256(server.io.fingerprint) });
    await server.until((n) => n.connected.length === 1);
    await client.until((n) => n.connected.length === 1);
    client.io.removePeer(toServer);
    await server.until((n) => n.closed.length === 1);
    expect(server.closed).toEqual([{ peer: toClient, reason: 'closed' }]);
  });

  test('media before the handshake is dropped and counted', async () => {
    const server = node();
    const client = node();
    const { toClient } = pair(server, client);
    server.io.startDtls(toClient, { role: 'server', fingerprints: sha256(client.io.fingerprint) });
    client.io.sendRaw(server.address, Uint8Array.of(0x80, 100, ...new Uint8Array(40)));
    client.io.sendRaw(server.address, Uint8Array.of(0x80, 200, ...new Uint8Array(40)));
    await server.settled();
    expect(server.received.filter((p) => p.kind !== PacketKind.stun)).toEqual([]);
    expect(server.io.counters().rxInvalid).toBe(2);
  });
});
