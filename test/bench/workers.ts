/**
 * What several bridge workers on one port cost: a datagram that the kernel gives to the right socket, one that is handed over, and a
 * packet that crosses a relay; each with what a bridge does to it in C (decrypt once, copy). One thread plays all parts, so that the CPU time is
 * that of both ends together.
 *
 *     npm run bench -- workers [--json] [--seconds N]
 *     npm run bench -- workers --load [--json] [--seconds N] [--members N]
 *
 * `--load`: the CPU for a forwarded packet of two simulated meetings on one worker and on two; see workers/load.ts. Needs `npm run build`.
 *
 * For comparison: a packet of the same size through a MessagePort, which is the way that needs no C.
 */
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { MessageChannel } from 'node:worker_threads';
import {
  createPacketIo,
  createSelfSignedCertificate,
  type PacketIo,
  RX_WORDS,
  Rx,
  threadCpuSeconds,
} from '@conclave/platform/packet-io';
import { LOAD_CASES, measureLoad } from './workers/load.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    load: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    members: { type: 'string', default: '40' },
  },
});
const seconds = Number(values.seconds ?? (values.load ? 15 : 3));
const PACKET_BYTES = 1100;
const BATCH = 64;
const SENDERS = 32;

const certificate = createSelfSignedCertificate({
  commonName: 'bench',
  alternativeNames: [],
  validDays: 1,
});

/** Counts what comes and gives the slots back. */
class Node {
  readonly io: PacketIo;
  received = 0;

  constructor(options: { readonly port: number; readonly station?: number }) {
    this.io = createPacketIo(
      { address: '127.0.0.1', slotCount: 4096, ...certificate, ...options },
      {
        onBatch: (count) => {
          for (let i = 0; i < count; i++) {
            this.io.releaseSlot(this.io.rx[i * RX_WORDS + Rx.slot] ?? -1);
          }
          this.received += count;
        },
        onDtlsConnected() {},
        onDtlsClosed() {},
      },
    );
  }
}

const key = (seed: number, length: number) => Uint8Array.from({ length }, (_, i) => seed + i);

function addressOf(port: number): Uint8Array {
  const address = new Uint8Array(20);
  address.set([4, 0, port >> 8, port & 0xff, 127, 0, 0, 1]);
  return address;
}

/** `from` sends to `to` under fixed keys. */
function join(from: Node, to: Node): number {
  const peer = from.io.addPeer();
  const other = to.io.addPeer();
  from.io.bindAddress(peer, addressOf(to.io.port));
  to.io.bindAddress(other, addressOf(from.io.port));
  const [rxKey, rxSalt] = [key(1, 16), key(50, 12)];
  from.io.setSrtpKeys(peer, 'AEAD_AES_128_GCM', { rxKey, rxSalt, txKey: rxKey, txSalt: rxSalt });
  to.io.setSrtpKeys(other, 'AEAD_AES_128_GCM', { rxKey, rxSalt, txKey: rxKey, txSalt: rxSalt });
  return peer;
}

/** CPU µs of this thread per packet, both ends; what sending alone costs is measured apart and taken off. */
async function measure(send: () => void, arrived: () => number): Promise<number> {
  const begin = async (forMs: number): Promise<{ cpuSeconds: number; packets: number }> => {
    const endMs = performance.now() + forMs;
    const before = { cpu: threadCpuSeconds(), packets: arrived() };
    while (performance.now() < endMs) {
      const wanted = arrived() + BATCH;
      send();
      const giveUpMs = performance.now() + 50;
      while (arrived() < wanted && performance.now() < giveUpMs) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    return { cpuSeconds: threadCpuSeconds() - before.cpu, packets: arrived() - before.packets };
  };
  await begin(500); // until the compiler is done
  const { cpuSeconds, packets } = await begin(seconds * 1000);
  return (cpuSeconds / packets) * 1e6;
}

/** RTP packets of growing numbers, so that none is a replay. */
function sender(node: Node, peer: number): (count: number) => void {
  let seq = 0;
  const slot = node.io.takeSlot();
  node.io.arena.fill(7, slot * 2048, slot * 2048 + PACKET_BYTES);
  return (count) => {
    const { txPackets, txRuns } = node.io;
    for (let i = 0; i < count; i++) {
      txPackets.set(
        [slot, PACKET_BYTES, (100 << 16) | (seq & 0xffff), seq * 90, 0, 0, 0, 0],
        i * 8,
      );
      txRuns.set([(i << 8) | 1, peer, 1234, seq & 0xffff, seq >>> 16, 0, 0, 0, 0, 0], i * 10);
      seq++;
    }
    node.io.flush(count);
  };
}

/** Everything goes to the peers of `owner`; the kernel chooses the socket by the sender's port. */
async function measureReceiving(owner: Node, stations: readonly Node[]) {
  const senders = Array.from({ length: SENDERS }, () => {
    const node = new Node({ port: 0 });
    return { node, send: sender(node, join(node, owner)) };
  });
  const before = stations.map(({ io }) => io.counters().handedOver);
  const received = owner.received;
  const us = await measure(
    () => {
      for (const { send } of senders) send(BATCH / SENDERS);
    },
    () => owner.received,
  );
  const handedOver = stations.reduce(
    (sum, { io }, i) => sum + io.counters().handedOver - (before[i] ?? 0),
    0,
  );
  const share = handedOver / (owner.received - received);
  for (const { node } of senders) node.io.close();
  return { us, share };
}

async function measureRelay(a: Node, b: Node): Promise<number> {
  const here = a.io.addPeer();
  const there = b.io.addPeer();
  a.io.openRelay(here);
  const end = b.io.openRelay(there);
  if (end === undefined) throw new Error('no relay');
  a.io.connectRelay(here, end);
  const slot = a.io.takeSlot();
  return measure(
    () => {
      for (let i = 0; i < BATCH; i++) a.io.relay(here, slot, PACKET_BYTES);
      a.io.flushRelays();
    },
    () => b.received,
  );
}

async function measureMessagePort(): Promise<number> {
  const { port1, port2 } = new MessageChannel();
  let received = 0;
  port2.on('message', () => {
    received++;
  });
  const packet = new Uint8Array(PACKET_BYTES);
  const us = await measure(
    () => {
      for (let i = 0; i < BATCH; i++) port1.postMessage(packet);
    },
    () => received,
  );
  port1.close();
  return us;
}

const round = (value: number, digits = 2) => Number(value.toFixed(digits));

async function measureCosts() {
  const alone = new Node({ port: 0 });
  const direct = await measureReceiving(alone, [alone]);
  alone.io.close();
  const a = new Node({ port: 0, station: 0 });
  const b = new Node({ port: a.io.port, station: 1 });
  const shared = await measureReceiving(a, [a, b]);
  const relayUs = await measureRelay(a, b);
  const messagePortUs = await measureMessagePort();
  const result = {
    packetBytes: PACKET_BYTES,
    sendAndReceiveUs: round(direct.us),
    sendAndReceiveSharedUs: round(shared.us),
    handedOverShare: round(shared.share),
    handOverUs: round((shared.us - direct.us) / shared.share),
    relayUs: round(relayUs),
    messagePortUs: round(messagePortUs),
    relayDropped: a.io.counters().relayDropped,
    handoverDropped: a.io.counters().handoverDropped + b.io.counters().handoverDropped,
  };
  for (const { io } of [a, b]) io.close();
  return result;
}

const WARM_UP_S = 10;
const LAST_N = 20;
const SPEAKERS = 3;

/** `packetPrice`: of a packet by that of one worker. */
async function measureLoads() {
  const members = Number(values.members);
  const plan = { members, lastN: LAST_N, speakers: SPEAKERS, takesRewrittenSsrcs: false };
  const cases: Record<string, Record<string, number>> = {};
  let usOfOne = Number.NaN;
  for (const [name, loadCase] of Object.entries(LOAD_CASES)) {
    const measured = await measureLoad(plan, loadCase, WARM_UP_S, seconds);
    if (Number.isNaN(usOfOne)) usOfOne = measured.usPerPacket;
    cases[name] = {
      forwardedPerS: Math.round(measured.forwardedPerS),
      deliveredPercent: round(measured.delivered * 100, 1),
      usPerPacket: round(measured.usPerPacket, 3),
      packetPrice: round(measured.usPerPacket / usOfOne),
      bridgeBusyPercent: round(measured.bridgeBusy * 100, 0),
      membersBusyPercent: round(measured.membersBusy * 100, 0),
      handedOverShare: round(measured.handedOverShare),
      relayedPerS: Math.round(measured.relayedPerS),
      dropped: measured.dropped,
    };
    if (!values.json) console.log(name, cases[name]);
  }
  return cases;
}

const result = values.load ? await measureLoads() : await measureCosts();
if (values.json) console.log(JSON.stringify(result));
else console.table(result);
