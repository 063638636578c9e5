/**
 * The same two meetings on one worker, on a worker each, and both of them spread over two: what a forwarded packet costs in CPU. All of the
 * bridge has one core here and the members have the other, so this is not how much faster two workers are but how much dearer a packet
 * is with them, everything that sharing a port, handing over, relaying and changing threads takes included.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { IceTransport } from '@conclave/protocols/colibri';
import { type PinnedProcess, startPinned } from '../forwarding/processes.ts';
import type { Counts } from '../meeting/members-process.ts';
import { type MeetingPlan, packetsDue } from '../meeting/plan.ts';
import type { Seat } from './bridge-process.ts';

const BRIDGE_CORE = 0;
const MEMBERS_CORE = 1;
const MEETINGS = ['red', 'blue'];
const CONNECT_TIMEOUT_MS = 60_000;

export interface LoadCase {
  readonly workers: number;
  /** Which worker a member of a meeting (0 or 1) is on. */
  readonly workerOf: (meeting: number, member: number) => number;
}

export const LOAD_CASES: Readonly<Record<string, LoadCase>> = {
  oneWorker: { workers: 1, workerOf: () => 0 },
  oneEach: { workers: 2, workerOf: (meeting) => meeting },
  bothSpread: { workers: 2, workerOf: (_, member) => member % 2 },
};

async function connected(members: readonly PinnedProcess[]): Promise<void> {
  const deadline = performance.now() + CONNECT_TIMEOUT_MS;
  for (const process of members) {
    for (;;) {
      const state = await process.call<string | undefined>('state');
      if (state === undefined) break;
      if (performance.now() > deadline) throw new Error(`after a minute ${state}`);
      await delay(100);
    }
  }
}

async function gather(
  bridge: PinnedProcess,
  members: readonly PinnedProcess[],
  plan: MeetingPlan,
  { workers, workerOf }: LoadCase,
): Promise<void> {
  await bridge.call('open', workers);
  for (const [meeting, process] of members.entries()) {
    const meetingId = MEETINGS[meeting] ?? '';
    const everywhere = new Set(
      Array.from({ length: plan.members }, (_, member) => workerOf(meeting, member)),
    );
    for (const index of everywhere) await bridge.call('create', meetingId, index);
    for (let member = 0; member < plan.members; member++) {
      const seat: Seat = { meetingId, member, worker: workerOf(meeting, member) };
      const offered = await bridge.call<IceTransport>('invite', seat);
      const answered = await process.call<IceTransport>('join', plan, offered);
      await bridge.call('accept', seat, answered);
    }
    if (everywhere.size > 1) await bridge.call('span', meetingId);
  }
  await connected(members);
  await bridge.call('watch', plan);
}

export async function measureLoad(
  plan: MeetingPlan,
  loadCase: LoadCase,
  warmUpS: number,
  seconds: number,
) {
  const bridge = startPinned('../workers/bridge-process.ts', BRIDGE_CORE);
  const members = MEETINGS.map(() => startPinned('../meeting/members-process.ts', MEMBERS_CORE));
  try {
    await gather(bridge, members, plan, loadCase);
    const look = async () => {
      const counts = await Promise.all(members.map((process) => process.call<Counts>('counts')));
      const usage = await bridge.call<{ cpuUs: number; counters: Record<string, number> }>('usage');
      const received = counts.reduce((sum, { rtpReceived }) => sum + rtpReceived, 0);
      const membersCpuUs = counts.reduce((sum, { cpuUs }) => sum + cpuUs, 0);
      return { atMs: performance.now(), received, membersCpuUs, ...usage };
    };
    await delay(warmUpS * 1000);
    const before = await look();
    await delay(seconds * 1000);
    const after = await look();
    const elapsedS = (after.atMs - before.atMs) / 1000;
    const forwarded = after.received - before.received;
    const cpuUs = after.cpuUs - before.cpuUs;
    const counted = (name: string) => (after.counters[name] ?? 0) - (before.counters[name] ?? 0);
    return {
      forwardedPerS: forwarded / elapsedS,
      delivered: forwarded / (packetsDue(plan) * MEETINGS.length * elapsedS),
      usPerPacket: cpuUs / forwarded,
      bridgeBusy: cpuUs / (elapsedS * 1e6),
      membersBusy: (after.membersCpuUs - before.membersCpuUs) / (elapsedS * 1e6),
      handedOverShare: counted('packet_io_handed_over') / counted('packet_io_rx_packets'),
      relayedPerS: counted('packet_io_relayed') / elapsedS,
      dropped: counted('packet_io_handover_dropped') + counted('packet_io_relay_dropped'),
    };
  } finally {
    await Promise.all([bridge, ...members].map((process) => process.stop()));
  }
}
