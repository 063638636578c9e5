/** A simulated meeting between two processes: the bridge on one core, the members on the other. */
import { setTimeout as delay } from 'node:timers/promises';
import type { IceTransport } from '@conclave/protocols/colibri';
import { type PinnedProcess, startPinned } from '../forwarding/processes.ts';
import type { AllocationProfile, Collection, CpuProfile } from '../inspector/thread-inspector.ts';
import type { Counts } from './members-process.ts';
import { type MeetingPlan, packetsDue } from './plan.ts';
import type { VoiceWays } from './voice-watch.ts';

const BRIDGE_CORE = 0;
const MEMBERS_CORE = 1;
const CONNECT_TIMEOUT_MS = 60_000;
const POLL_MS = 100;

interface Usage {
  readonly cpuUs: number;
  readonly waitedUs: number;
  readonly dropped: number;
  readonly counters: Readonly<Record<string, number>>;
}

export interface Memory {
  readonly heapBytes: number;
  readonly residentBytes: number;
}

/** Where packets were lost. */
export interface Losses {
  /** Their process did not read its sockets in time, or had no room for them. */
  readonly byMembers: number;
  /** The bridge did not read its socket in time, or had no slot for them. */
  readonly onTheWayIn: number;
  /** The bridge's socket did not take them. */
  readonly onTheWayOut: number;
}

export interface Measured {
  /** RTP packets that arrived at members, a second. */
  readonly forwardedPerS: number;
  readonly receivedPerS: number;
  /** Of what the members were due, 0..1. */
  readonly delivered: number;
  readonly usPerPacket: number;
  /** Parts of a core, 0..1. */
  readonly bridgeBusy: number;
  readonly membersBusy: number;
  /** So long threads of theirs waited for a core that others had, by the time that it took: more than a little, and what is measured is the machine. */
  readonly waited: { readonly bridge: number; readonly members: number };
  readonly missing: number;
  readonly lost: Losses;
  readonly notAuthentic: number;
  /** Feedback and reports of members, a second. */
  readonly feedbackPerS: number;
  readonly voices: VoiceWays;
  /** Of the garbage collector in the worker. */
  readonly pauses: readonly Collection[];
}

export class SimulatedMeeting {
  readonly plan: MeetingPlan;
  /** Before anybody joined. */
  readonly emptyMemory: Memory;
  readonly #bridge: PinnedProcess;
  readonly #members: PinnedProcess;

  private constructor(
    plan: MeetingPlan,
    bridge: PinnedProcess,
    members: PinnedProcess,
    emptyMemory: Memory,
  ) {
    this.plan = plan;
    this.emptyMemory = emptyMemory;
    this.#bridge = bridge;
    this.#members = members;
  }

  /** All, or the first `members`, are connected and have said what they want to see. */
  static async start(plan: MeetingPlan, members = plan.members): Promise<SimulatedMeeting> {
    const bridge = startPinned('../meeting/bridge-process.ts', BRIDGE_CORE);
    const far = startPinned('../meeting/members-process.ts', MEMBERS_CORE);
    await bridge.call('open');
    const meeting = new SimulatedMeeting(plan, bridge, far, await bridge.call('memory'));
    for (let member = 0; member < members; member++) await meeting.#admit(member);
    await meeting.#connected();
    await bridge.call('watch', plan);
    return meeting;
  }

  /** The others come too, one after the other, within about so long; measured as `measure` does. */
  grow(from: number, seconds: number): Promise<Measured> {
    const { members } = this.plan;
    const intervalMs = (seconds * 1000) / (members - from);
    return this.#measure(async () => {
      const beganMs = performance.now();
      for (let member = from; member < members; member++) {
        await delay(Math.max(0, beganMs + (member - from) * intervalMs - performance.now()));
        await this.#admit(member);
        await this.#bridge.call('watch', this.plan);
      }
      await this.#connected();
    });
  }

  async #admit(member: number): Promise<void> {
    const offered = await this.#bridge.call<IceTransport>('invite', this.plan, member);
    const answered = await this.#members.call<IceTransport>('join', this.plan, offered);
    await this.#bridge.call('accept', member, answered);
  }

  async #connected(): Promise<void> {
    const deadline = performance.now() + CONNECT_TIMEOUT_MS;
    for (;;) {
      const state = await this.#members.call<string | undefined>('state');
      if (state === undefined) return;
      if (performance.now() > deadline) throw new Error(`after a minute ${state}`);
      await delay(POLL_MS);
    }
  }

  measure(seconds: number): Promise<Measured> {
    return this.#measure(() => delay(seconds * 1000));
  }

  async #measure(meanwhile: () => Promise<void>): Promise<Measured> {
    await this.#collections();
    await this.#members.call('voiceWays');
    const before = await this.#look();
    await meanwhile();
    const after = await this.#look();
    const voices = await this.#members.call<VoiceWays>('voiceWays');
    const pauses = await this.#collections();
    const elapsedS = (after.atMs - before.atMs) / 1000;
    const of = (pick: (look: typeof before) => number) => pick(after) - pick(before);
    const forwarded = of(({ counts }) => counts.rtpReceived);
    const cpuUs = of(({ usage }) => usage.cpuUs);
    const due = packetsDue(this.plan) * elapsedS;
    return {
      forwardedPerS: forwarded / elapsedS,
      receivedPerS: of(({ counts }) => counts.rtpSent) / elapsedS,
      delivered: forwarded / due,
      usPerPacket: cpuUs / forwarded,
      bridgeBusy: cpuUs / (elapsedS * 1e6),
      membersBusy: of(({ counts }) => counts.cpuUs) / (elapsedS * 1e6),
      waited: {
        bridge: of(({ usage }) => usage.waitedUs) / (elapsedS * 1e6),
        members: of(({ counts }) => counts.waitedUs) / (elapsedS * 1e6),
      },
      missing: of(({ counts }) => counts.missing),
      lost: {
        byMembers: of(({ counts }) => counts.notTaken),
        onTheWayIn: of(({ usage }) => usage.dropped + (usage.counters.packet_io_rx_no_slot ?? 0)),
        onTheWayOut: of(({ usage }) => usage.counters.packet_io_tx_dropped ?? 0),
      },
      notAuthentic: of(({ counts }) => counts.notAuthentic),
      feedbackPerS: of(({ usage }) => usage.counters.total_transport_cc_received ?? 0) / elapsedS,
      voices,
      pauses,
    };
  }

  memory(): Promise<Memory> {
    return this.#bridge.call('memory');
  }

  /** Since it was called last. */
  #collections(): Promise<readonly Collection[]> {
    return this.#bridge.call('collections');
  }

  cpuProfile(seconds: number): Promise<CpuProfile> {
    return this.#bridge.call('cpuProfile', seconds);
  }

  startSampling(intervalBytes: number): Promise<void> {
    return this.#bridge.call('startSampling', intervalBytes);
  }

  stopSampling(): Promise<AllocationProfile> {
    return this.#bridge.call('stopSampling');
  }

  async stop(): Promise<void> {
    await Promise.all([this.#members.stop(), this.#bridge.stop()]);
  }

  async #look() {
    const [counts, usage] = await Promise.all([
      this.#members.call<Counts>('counts'),
      this.#bridge.call<Usage>('usage'),
    ]);
    return { atMs: performance.now(), counts, usage };
  }
}
