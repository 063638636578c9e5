/** What a run of the muc benchmark consists of, agreed by load generator and servers. */

export const DOMAIN = 'meet.jitsi';
export const MUC_DOMAIN = 'muc.meet.jitsi';

export type Kind = 'groupchat' | 'presence' | 'newcomer' | 'storm';

export interface Case {
  readonly kind: Kind;
  readonly occupants: number;
  /** Groupchat, presence: stanzas sent. Newcomer: how many come, one after the other. */
  readonly repeats: number;
}

export interface Plan {
  readonly cases: readonly Case[];
  /** Groupchat, presence: stanzas under way at any time, each on its way to everybody. */
  readonly window: number;
  /** Sessions that do nothing, for their memory; 0 leaves that out. */
  readonly idleSessions: number;
}

/** What the load generator found, case by case. */
export interface CaseResult extends Case {
  readonly deliveries: number;
  readonly cpuMs: number;
  readonly wallMs: number;
  /** Storm: 95th percentile from the request to join to the own presence. */
  readonly p95Ms?: number;
  /** Newcomer: median to the last presence, the newcomer's and everybody's. */
  readonly medianMs?: number;
}

export interface LoadResult {
  readonly cases: readonly CaseResult[];
  readonly idleSessionBytes?: number;
}

/** Arrivals per second in a storm: 500 people in five seconds. */
export const STORM_PER_SECOND = 100;

const SIZES = [100, 400];
const each = (kind: Kind, repeats: (occupants: number) => number): Case[] =>
  SIZES.map((occupants) => ({ kind, occupants, repeats: repeats(occupants) }));

const WINDOW = 10;

export const FULL_PLAN: Plan = {
  window: WINDOW,
  idleSessions: 1000,
  cases: [
    ...each('groupchat', (occupants) => 80_000 / occupants),
    ...each('presence', (occupants) => 60_000 / occupants),
    ...each('newcomer', () => 20),
    ...each('storm', () => 1),
    { kind: 'storm', occupants: 500, repeats: 1 },
  ],
};

export const QUICK_PLAN: Plan = {
  window: WINDOW,
  idleSessions: 200,
  cases: [
    { kind: 'groupchat', occupants: 100, repeats: 300 },
    { kind: 'presence', occupants: 100, repeats: 200 },
    { kind: 'newcomer', occupants: 100, repeats: 5 },
    { kind: 'storm', occupants: 100, repeats: 1 },
  ],
};

export const roomOf = ({ kind, occupants }: Case): string => `${kind}-${occupants}`;
export const ROOMS: readonly string[] = [...[...FULL_PLAN.cases, ...QUICK_PLAN.cases].map(roomOf)];
