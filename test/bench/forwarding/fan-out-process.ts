/**
 * packet-io alone: each RTP packet goes to the receivers of its conference, with no bridge in between.
 * The lower bound of what the bridge can cost; `--direct` measures it.
 */
import {
  createPacketIo,
  createSelfSignedCertificate,
  type PacketIo,
  PacketKind,
  RX_WORDS,
  Rx,
  SLOT_SIZE,
  TX_WORDS,
  Tx,
} from '@conclave/platform/packet-io';
import { memberAddress, memberKey, type Plan, saltBytes, TRANSPORT_CC_ID } from './plan.ts';
import { serve } from './processes.ts';

let io: PacketIo;
/** Per peer handle of a sender, its receivers' handles. */
const receiversOf: Int32Array[] = [];
let sequences = new Int32Array(0);

function addMember(plan: Plan, conference: number, member: number): number {
  const peer = io.addPeer();
  const material = memberKey(conference, member);
  const key = material.subarray(0, 16);
  const salt = material.subarray(16, 16 + saltBytes(plan.profile));
  io.bindAddress(peer, memberAddress(plan, conference, member));
  io.setSrtpKeys(peer, plan.profile, { rxKey: key, rxSalt: salt, txKey: key, txSalt: salt });
  return peer;
}

function onBatch(count: number): void {
  const { rx, tx, arena } = io;
  let out = 0;
  for (let i = 0; i < count; i++) {
    const at = i * RX_WORDS;
    if (rx[at + Rx.kind] !== PacketKind.rtp) continue;
    const slot = rx[at + Rx.slot]!;
    const receivers = receiversOf[rx[at + Rx.peer]!];
    if (receivers === undefined) continue;
    const start = slot * SLOT_SIZE;
    const header = 16 + 4 * ((arena[start + 14]! << 8) | arena[start + 15]!);
    const payload = (header << 16) | (rx[at + Rx.length]! - header);
    const markerType =
      ((arena[start + 1]! << 24) & 0x80000000) | ((arena[start + 1]! & 0x7f) << 16);
    const timestamp =
      (arena[start + 4]! << 24) |
      (arena[start + 5]! << 16) |
      (arena[start + 6]! << 8) |
      arena[start + 7]!;
    const ssrc =
      (arena[start + 8]! << 24) |
      (arena[start + 9]! << 16) |
      (arena[start + 10]! << 8) |
      arena[start + 11]!;
    for (let r = 0; r < receivers.length; r++) {
      if (out === io.txCapacity) {
        io.flush(out);
        out = 0;
      }
      const peer = receivers[r]!;
      const sequence = sequences[peer]!;
      sequences[peer] = sequence + 1;
      const to = out++ * TX_WORDS;
      tx[to + Tx.slot] = slot;
      tx[to + Tx.payload] = payload;
      tx[to + Tx.peer] = peer;
      tx[to + Tx.markerTypeSequence] = markerType | (sequence & 0xffff);
      tx[to + Tx.timestamp] = timestamp;
      tx[to + Tx.ssrc] = ssrc;
      tx[to + Tx.rolloverCounter] = sequence >>> 16;
      tx[to + Tx.extensionA] = (TRANSPORT_CC_ID << 28) | (1 << 24) | ((sequence & 0xffff) << 8);
      tx[to + Tx.extensionB] = 0;
      tx[to + Tx.patchA] = 0;
      tx[to + Tx.patchB] = 0;
      tx[to + Tx.prefixPadding] = 0;
    }
  }
  io.flush(out);
  for (let i = 0; i < count; i++) io.releaseSlot(rx[i * RX_WORDS + Rx.slot]!);
}

serve({
  open(): number {
    const certificate = createSelfSignedCertificate({
      commonName: 'bench',
      alternativeNames: [],
      validDays: 1,
    });
    io = createPacketIo(
      { port: 0, address: '127.0.0.1', ...certificate },
      { onBatch, onDtlsConnected() {}, onDtlsClosed() {} },
    );
    return io.port;
  },
  start(plan: Plan): void {
    for (let conference = 0; conference < plan.conferences; conference++) {
      const sender = addMember(plan, conference, 0);
      receiversOf[sender] = Int32Array.from({ length: plan.receivers }, (_, i) =>
        addMember(plan, conference, i + 1),
      );
    }
    sequences = new Int32Array(plan.conferences * (plan.receivers + 1));
  },
  usage(): { cpuUs: number; txCalls: number; txMessages: number; txPackets: number } {
    const { user, system } = process.cpuUsage();
    const { txCalls, txMessages, txPackets } = io.counters();
    return { cpuUs: user + system, txCalls, txMessages, txPackets };
  },
});
