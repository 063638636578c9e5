import { createSocket, type Socket } from 'node:dgram';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PacketKind, type SrtpProfile } from './contract.ts';
import { loadAddon } from './load.ts';
import {
  filledSlot,
  joinWithKeys,
  LoopbackNode,
  loopbackAddress,
  writeSingle,
} from './loopback.fixture.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const toHex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');
const GCM = 7;
const CM = 1;
const noAuthKey = new Uint8Array(20);

describe('SRTP transforms', () => {
  const addon = loadAddon();
  const masterKey = hex('e1f97a0d3e018be0d64fa32c06de4139');
  const masterSalt = hex('0ec675ad498afeebb6960b3aabe6');

  test.each([
    [0, 16, 'c61e7a93744f39ee10734afe3ff7a087'],
    [2, 14, '30cbbc08863d8c85d49db34a9ae1'],
    [1, 20, 'cebe321f6ff7716b6fd4ab49af256a156d38baa4'],
  ])('derives the session key of label %i (RFC 3711 B.3)', (label, length, expected) => {
    expect(toHex(addon.deriveSrtp(masterKey, masterSalt, label, length))).toBe(expected);
  });

  test('protects RTP with AES_CM_128_HMAC_SHA1_80 as other implementations do', () => {
    const derive = (label: number, length: number) =>
      addon.deriveSrtp(masterKey, masterSalt, label, length) as Uint8Array;
    const packet = hex('800f1234decafbadcafebabe abababababababababababababababab');
    const [key, authKey, salt] = [derive(0, 16), derive(1, 20), derive(2, 14)];
    expect(toHex(addon.protectSrtp(CM, key, authKey, salt, packet, 12, 0))).toBe(
      '800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb',
    );
  });

  const key = hex('000102030405060708090a0b0c0d0e0f');
  const salt = hex('517569642070726f2071756f');

  test('protects RTP with AEAD_AES_128_GCM (RFC 7714 §16.1.1)', () => {
    const packet = hex(
      '8040f17b8041f8d35501a0b2' +
        '47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573',
    );
    expect(toHex(addon.protectSrtp(GCM, key, noAuthKey, salt, packet, 12, 0))).toBe(
      '8040f17b8041f8d35501a0b2' +
        'f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833' +
        '899d7f27beb16a9152cf765ee4390cce',
    );
  });

  test('protects RTCP with AEAD_AES_128_GCM (RFC 7714 §17.1)', () => {
    const packet = hex(
      '81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61' +
        'deadbeefdeadbeefdeadbeefdeadbeefdeadbeef',
    );
    expect(toHex(addon.protectSrtp(GCM, key, noAuthKey, salt, packet, 0, 0x5d4))).toBe(
      '81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b46' +
        '86303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4',
    );
  });
});

/** Between the sender and the receiver sits a plain socket, where packets are kept and changed. */
describe.each<SrtpProfile>(['AEAD_AES_128_GCM', 'AES128_CM_HMAC_SHA1_80'])(
  'receiving %s',
  (profile) => {
    let sender: LoopbackNode;
    let receiver: LoopbackNode;
    let middle: Socket;
    let peer: number;
    let waiting: ((packet: Uint8Array) => void) | undefined;

    beforeEach(async () => {
      sender = new LoopbackNode();
      receiver = new LoopbackNode();
      middle = createSocket('udp4');
      middle.on('message', (message) => waiting?.(message));
      await new Promise<void>((resolve) => middle.bind(0, '127.0.0.1', resolve));
      const address = loopbackAddress(middle.address().port);
      const joined = joinWithKeys(sender, receiver, profile);
      peer = joined.peerOfA;
      sender.io.bindAddress(peer, address);
      receiver.io.bindAddress(joined.peerOfB, address);
    });

    afterEach(() => {
      sender.io.close();
      receiver.io.close();
      middle.close();
    });

    function capture(send: () => void): Promise<Uint8Array> {
      const packet = new Promise<Uint8Array>((resolve) => {
        waiting = resolve;
      });
      send();
      return packet;
    }

    function protectedRtp(seq: number, roc = 0, ssrc = 1234): Promise<Uint8Array> {
      return capture(() => {
        const slot = filledSlot(sender.io, Uint8Array.of(seq >> 8, seq & 0xff));
        writeSingle(sender.io, 0, { slot, peer, length: 2, seq, roc, ssrc });
        sender.io.flush(1);
        sender.io.releaseSlot(slot);
      });
    }

    function protectedRtcp(): Promise<Uint8Array> {
      return capture(() => {
        sender.io.sendRtcp(peer, hex('80c90001 00001234'));
      });
    }

    /** Puts packets on the wire in this order and waits until all were looked at. */
    async function deliver(...packets: Uint8Array[]): Promise<void> {
      for (const packet of packets) {
        await new Promise((done) => middle.send(packet, receiver.io.port, '127.0.0.1', done));
      }
      await receiver.settled();
    }

    const seqs = () => receiver.received.map((p) => (p.bytes[2]! << 8) | p.bytes[3]!);

    test('delivers once: a repeated packet is dropped and counted', async () => {
      const rtp = await protectedRtp(7);
      const rtcp = await protectedRtcp();
      await deliver(rtp, rtp, rtcp, rtcp);
      expect(receiver.received.map((p) => p.kind)).toEqual([PacketKind.rtp, PacketKind.rtcp]);
      expect(toHex(receiver.received[1]?.bytes)).toBe('80c9000100001234');
      expect(receiver.io.counters()).toMatchObject({ rxReplayed: 2, rxAuthFailed: 0 });
    });

    test('a changed bit anywhere makes the packet worthless', async () => {
      const rtp = await protectedRtp(7);
      const rtcp = await protectedRtcp();
      let sent = 0;
      for (const packet of [rtp, rtcp]) {
        // The first two bytes decide what the packet is; they are covered by the fuzz test.
        for (let i = 2; i < packet.length; i++) {
          const changed = Uint8Array.from(packet);
          changed[i]! ^= 0x01;
          await deliver(changed);
          sent++;
        }
      }
      expect(receiver.received).toEqual([]);
      const { rxAuthFailed, rxInvalid } = receiver.io.counters();
      expect(rxAuthFailed + rxInvalid).toBe(sent);
    });

    test('RTCP that says it is not encrypted is refused', async () => {
      const rtcp = Uint8Array.from(await protectedRtcp());
      const at = profile === 'AEAD_AES_128_GCM' ? rtcp.length - 4 : rtcp.length - 14;
      expect(rtcp[at]! & 0x80).toBe(0x80);
      rtcp[at]! &= 0x7f;
      await deliver(rtcp);
      expect(receiver.received).toEqual([]);
      expect(receiver.io.counters().rxInvalid).toBe(1);
    });

    test.each([0, 1, 32767, 32768, 65534, 65535])(
      'takes packets late, early and over the wrap, starting at %i',
      async (start) => {
        const at = async (i: number) =>
          await protectedRtp((start + i) & 0xffff, start + i > 0xffff ? 1 : 0);
        const order = [0, 2, 1, 5, 3, 4, 900, 899];
        const packets: Uint8Array[] = [];
        for (const i of order) packets.push(await at(i));
        await deliver(...packets);
        expect(seqs()).toEqual(order.map((i) => (start + i) & 0xffff));
      },
    );

    test('a packet older than the window counts as replayed', async () => {
      const old = await protectedRtp(1);
      const late = await protectedRtp(3000 - 900);
      await deliver(await protectedRtp(3000), late, old);
      expect(seqs()).toEqual([3000, 2100]);
      expect(receiver.io.counters().rxReplayed).toBe(1);
    });

    test('a failed forgery far ahead does not move the window', async () => {
      const forged = Uint8Array.from(await protectedRtp(40_000));
      forged[forged.length - 1]! ^= 1;
      const first = await protectedRtp(1);
      const second = await protectedRtp(2);
      await deliver(first, forged, second);
      expect(seqs()).toEqual([1, 2]);
    });

    test('follows the roll-over counter through many wraps', async () => {
      const packets: Uint8Array[] = [];
      const expected: number[] = [];
      for (let index = 10_000; index < 5 * 65_536; index += 30_000) {
        packets.push(await protectedRtp(index & 0xffff, index >> 16));
        expected.push(index & 0xffff);
      }
      await deliver(...packets);
      expect(seqs()).toEqual(expected);
    });

    test('a peer with too many SSRCs does not get more memory, and keeps its streams', async () => {
      const packets: Uint8Array[] = [];
      for (let ssrc = 1; ssrc <= 130; ssrc++) packets.push(await protectedRtp(1, 0, ssrc));
      packets.push(await protectedRtp(2, 0, 1));
      await deliver(...packets);
      expect(receiver.received).toHaveLength(129);
      expect(receiver.io.counters().rxInvalid).toBe(2);
    });

    test('SSRCs have windows of their own', async () => {
      await deliver(
        await protectedRtp(5, 0, 1),
        await protectedRtp(5, 0, 2),
        await protectedRtp(4, 0, 1),
      );
      expect(receiver.received).toHaveLength(3);
    });
  },
);
