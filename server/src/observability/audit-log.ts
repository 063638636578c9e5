/** The audit log of this server: `audit.log` in the state folder, unless it is switched off. */
import { type AuditLog, type Clock, type Logger, noAuditLog, type Timers } from '@conclave/base';
import type { StateFolder } from '@conclave/platform/storage';
import { AuditFile } from '@conclave/platform/telemetry';
import type { Settings } from '../settings/index.ts';
import { AuditLimit } from './audit-limit.ts';

export interface ServerAuditLog {
  readonly log: AuditLog;
  /** Records lost since the start. */
  lost(): number;
  /** The file was moved away: go on in a new one. */
  reopen(): void;
  /** Writes what waits, while there is no time to wait for it. */
  flushNow(): void;
  close(): Promise<void>;
}

const MEGABYTE = 1_000_000;

export function openAuditLog(
  {
    clock,
    timers,
    logger,
  }: { readonly clock: Clock; readonly timers: Timers; readonly logger: Logger },
  settings: Settings,
  state: StateFolder,
): ServerAuditLog {
  if (!settings.AUDIT_LOG_ENABLED) {
    return { log: noAuditLog, lost: () => 0, reopen() {}, flushNow() {}, async close() {} };
  }
  const file = new AuditFile(logger, {
    path: state.pathOf('audit.log'),
    maxBytes: settings.AUDIT_LOG_MAX_MB * MEGABYTE,
    keep: settings.AUDIT_LOG_KEEP,
    wallMs: () => clock.wallMs(),
  });
  const limit = new AuditLimit(file, { clock, timers });
  return {
    log: limit,
    lost: () => file.lost,
    reopen: () => file.reopen(),
    flushNow: () => {
      limit.close();
      file.flushNow();
    },
    close: () => {
      limit.close();
      return file.close();
    },
  };
}
