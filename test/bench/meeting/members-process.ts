/** The members of a simulated meeting, all in one process with one timer. */
import type { IceTransport } from '@conclave/protocols/colibri';
import { serve } from '../forwarding/processes.ts';
import { waitedForCoreUs } from '../run/core-wait.ts';
import { Member, type MemberCounts } from './member.ts';
import type { MeetingPlan } from './plan.ts';
import { datagramsDropped } from './socket-drops.ts';
import { takeVoiceWays, type VoiceWays } from './voice-watch.ts';

const TICK_MS = 4;
/** The golden ratio spreads phases evenly, however many there are. */
const PHASE_STEP = 0.618_033_988_75;

export interface Counts extends MemberCounts {
  readonly notAuthentic: number;
  readonly notTaken: number;
  readonly cpuUs: number;
  /** See `waitedForCoreUs`. */
  readonly waitedUs: number;
}

const members: Member[] = [];
setInterval(() => {
  for (const member of members) member.tick(performance.now());
}, TICK_MS);

serve({
  /** The next member; what it answers. */
  join(plan: MeetingPlan, remote: IceTransport): IceTransport {
    const index = members.length;
    const phase = (index * PHASE_STEP) % 1;
    const member = new Member(plan, index, remote, phase, performance.now());
    members.push(member);
    return member.transport.local;
  },
  /** Undefined when all are connected, else what is wrong. */
  state(): string | undefined {
    const failed = members.find(({ transport }) => transport.failure !== undefined);
    if (failed !== undefined) return `failed: ${failed.transport.failure}`;
    const waiting = members.filter(({ transport }) => !transport.isConnected).length;
    return waiting === 0 ? undefined : `${waiting} are not connected`;
  },
  /** Since it was called last. */
  voiceWays(): VoiceWays {
    return takeVoiceWays();
  },
  /** Totals over all members. */
  counts(): Counts {
    const notTaken = datagramsDropped();
    const total = { rtpSent: 0, rtpReceived: 0, missing: 0, notAuthentic: 0, notTaken };
    for (const member of members) {
      total.rtpSent += member.counts.rtpSent;
      total.rtpReceived += member.counts.rtpReceived;
      total.missing += member.counts.missing;
      total.notAuthentic += member.notAuthentic;
      total.notTaken += member.notTaken;
    }
    const { user, system } = process.cpuUsage();
    return { ...total, cpuUs: user + system, waitedUs: waitedForCoreUs() };
  },
});
