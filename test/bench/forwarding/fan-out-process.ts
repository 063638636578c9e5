/**
 * packet-io alone: each RTP packet goes to the receivers of its conference, with no bridge in between.
 * The lower bound of what the bridge can cost; `--direct` measures it.
 */
import {
  createPacketIo,
  createSelfSignedCertificate,
  type PacketIo,
  PacketKind,
  RUN_PACKETS,
  RX_WORDS,
  Rx,
  SLOT_SIZE,
  TX_PACKET_WORDS,
  TX_RUN_WORDS,
  TxPacket,
  TxRun,
} from '@conclave/platform/packet-io';
import {
  memberAddress,
  memberKey,
  type Plan,
  saltBytes,
  senderAddress,
  TRANSPORT_CC_ID,
} from './plan.ts';
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
  if (member === 0) io.allowAddress(peer, senderAddress(plan, conference, 0));
  io.setSrtpKeys(peer, plan.profile, { rxKey: key, rxSalt: salt, txKey: key, txSalt: salt });
  return peer;
}

function onBatch(count: number): void {
  const { rx } = io;
  let runs = 0;
  for (let i = 0; i < count; ) {
    const sender = rx[i * RX_WORDS + Rx.peer]!;
    const receivers =
      rx[i * RX_WORDS + Rx.kind] === PacketKind.rtp ? receiversOf[sender] : undefined;
    let next = i + 1;
    if (receivers === undefined) {
      i = next;
      continue;
    }
    while (next < count && next - i < RUN_PACKETS && rx[next * RX_WORDS + Rx.peer] === sender)
      next++;
    if (runs + receivers.length > io.txCapacity) {
      io.flush(runs);
      runs = 0;
    }
    const ssrc = writePackets(i, next);
    for (let r = 0; r < receivers.length; r++) {
      writeRun(runs++, (i << 8) | (next - i), receivers[r]!, ssrc, next - i);
    }
    i = next;
  }
  io.flush(runs);
  for (let i = 0; i < count; i++) io.releaseSlot(rx[i * RX_WORDS + Rx.slot]!);
}

/** The packets of records `from` to `to`; returns their SSRC. */
function writePackets(from: number, to: number): number {
  const { rx, txPackets, arena } = io;
  let ssrc = 0;
  for (let i = from; i < to; i++) {
    const slot = rx[i * RX_WORDS + Rx.slot]!;
    const start = slot * SLOT_SIZE;
    const header = 16 + 4 * ((arena[start + 14]! << 8) | arena[start + 15]!);
    const packet = i * TX_PACKET_WORDS;
    txPackets[packet + TxPacket.slot] = slot;
    txPackets[packet + TxPacket.payload] =
      (header << 16) | (rx[i * RX_WORDS + Rx.length]! - header);
    const marker = arena[start + 1]! < 0x80 ? 0 : 0x8000_0000;
    txPackets[packet + TxPacket.markerTypeSequence] = (word(start) & 0x7f_ffff) | marker;
    txPackets[packet + TxPacket.timestamp] = word(start + 4);
    ssrc = word(start + 8);
  }
  return ssrc;
}

function word(at: number): number {
  const { arena } = io;
  return (arena[at]! << 24) | (arena[at + 1]! << 16) | (arena[at + 2]! << 8) | arena[at + 3]!;
}

function writeRun(index: number, packets: number, peer: number, ssrc: number, count: number): void {
  const { txRuns } = io;
  const sequence = sequences[peer]!;
  sequences[peer] = sequence + count;
  const run = index * TX_RUN_WORDS;
  txRuns[run + TxRun.packets] = packets;
  txRuns[run + TxRun.peer] = peer;
  txRuns[run + TxRun.ssrc] = ssrc;
  txRuns[run + TxRun.sequence] = sequence & 0xffff;
  txRuns[run + TxRun.rolloverCounter] = sequence >>> 16;
  txRuns[run + TxRun.extensionA] = (TRANSPORT_CC_ID << 28) | (1 << 24) | ((sequence & 0xffff) << 8);
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
  /** All of the plan at once: nothing is done for those who are not sent anything. */
  setConferences(plan: Plan): void {
    if (sequences.length > 0) return;
    for (let conference = 0; conference < plan.conferences; conference++) {
      const sender = addMember(plan, conference, 0);
      receiversOf[sender] = Int32Array.from({ length: plan.receivers }, (_, i) =>
        addMember(plan, conference, i + 1),
      );
    }
    sequences = new Int32Array(plan.conferences * (plan.receivers + 1));
  },
  usage() {
    const { user, system } = process.cpuUsage();
    const { txMessages, txPackets } = io.counters();
    return { cpuUs: user + system, txMessages, txPackets, pausesMs: [] };
  },
});
