/**
 * What strangers can make the audit log write is bounded: a flood of log-ins must neither fill the disk nor push out of
 * it what moderators did. What is left out is counted, by event and address, and the count is written.
 */
import {
  type AuditLog,
  type AuditRecord,
  type Clock,
  type TimerHandle,
  type Timers,
  TokenBucket,
} from '@conclave/base';

interface Limit {
  readonly perSecond: number;
  readonly burst: number;
}

/** Wide enough for a school behind one address, each of whom logs in. */
const ACCEPTED: Limit = { perSecond: 1, burst: 2_000 };
const REFUSED: Limit = { perSecond: 0.5, burst: 200 };
/** Of one event, from all addresses together: some 30 MB a day. */
const OVERALL: Limit = { perSecond: 2, burst: 5_000 };

/** Events that need no right to cause; all others are written. */
const BY_STRANGERS: ReadonlyMap<string, Limit> = new Map([
  ['login.accepted', ACCEPTED],
  ['login.refused', REFUSED],
  ['login.locked', REFUSED],
  ['login.ended', REFUSED],
  ['room.refused', REFUSED],
  ['lobby.refused', REFUSED],
  ['admin.refused', REFUSED],
]);

const MAX_BUCKETS = 10_000;
/** Counts of their own; what comes from more addresses is counted together. */
const MAX_COUNTS = 100;
const REPORT_EVERY_MS = 60_000;

export class AuditLimit implements AuditLog {
  readonly #log: AuditLog;
  readonly #deps: { readonly clock: Clock; readonly timers: Timers };
  readonly #buckets = new Map<string, TokenBucket>();
  /** By event and address. */
  readonly #omitted = new Map<string, { readonly record: AuditRecord; count: number }>();
  #timer: TimerHandle | undefined;

  constructor(log: AuditLog, deps: { readonly clock: Clock; readonly timers: Timers }) {
    this.#log = log;
    this.#deps = deps;
  }

  record(record: AuditRecord): void {
    const limit = BY_STRANGERS.get(record.event);
    if (limit === undefined || this.#mayWrite(record, limit)) this.#log.record(record);
    else this.#count(record);
  }

  /** Writes the counts. */
  close(): void {
    this.#timer?.cancel();
    this.#report();
  }

  #mayWrite({ event, address = '' }: AuditRecord, limit: Limit): boolean {
    // Both in this order: what one address may not write does not use up what all may.
    return this.#take(`${event} ${address}`, limit) && this.#take(event, OVERALL);
  }

  #take(key: string, { perSecond, burst }: Limit): boolean {
    const nowMs = this.#deps.clock.nowMs();
    const bucket = this.#buckets.get(key) ?? new TokenBucket(perSecond, burst, nowMs);
    const isTaken = bucket.tryTake(1, nowMs);
    // Put at the end: the map is in order of last use.
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    for (const [oldest, other] of this.#buckets) {
      if (this.#buckets.size <= MAX_BUCKETS && !other.isFull(nowMs)) break;
      this.#buckets.delete(oldest);
    }
    return isTaken;
  }

  #count({ event, address }: AuditRecord): void {
    const isKnown = this.#omitted.has(`${event} ${address}`);
    const from = isKnown || this.#omitted.size < MAX_COUNTS ? address : undefined;
    const key = `${event} ${from}`;
    const entry = this.#omitted.get(key) ?? {
      record: {
        event: 'audit.omitted',
        reason: event,
        ...(from !== undefined && { address: from }),
      },
      count: 0,
    };
    entry.count++;
    this.#omitted.set(key, entry);
    this.#timer ??= this.#deps.timers.schedule(REPORT_EVERY_MS, () => this.#report());
  }

  #report(): void {
    this.#timer = undefined;
    for (const { record, count } of this.#omitted.values()) {
      this.#log.record({ ...record, value: String(count) });
    }
    this.#omitted.clear();
  }
}
