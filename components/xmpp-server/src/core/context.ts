/** What every part of the core shares: the time of the current input, randomness, logs, counters. */
import type { AuditLog, Logger, RandomSource } from '@conclave/base';
import type { XmppMetrics } from '../metrics.ts';
import type { XmppServerOptions } from '../options.ts';
import type { Deadlines } from './deadlines.ts';
import type { InputQueue } from './input-queue.ts';

export interface CoreContext {
  /** Monotonic time of the current input. Set at the entry to the core, nowhere else. */
  nowMs: number;
  /** Unix time of the current input. */
  wallMs: number;
  readonly random: RandomSource;
  readonly logger: Logger;
  readonly audit: AuditLog;
  readonly metrics: XmppMetrics;
  readonly options: XmppServerOptions;
  readonly deadlines: Deadlines;
  readonly inputs: InputQueue;
}
