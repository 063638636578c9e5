/**
 * A logger for what strangers can cause: of each event so many are written, the rest is counted, and the count stands
 * in the next one (`omitted`). A flood of refused log-ins must not fill the disk of whoever keeps the log.
 */
import { type Clock, type LogFields, type Logger, TokenBucket } from '@conclave/base';

const PER_SECOND = 1;
const BURST = 100;

interface Quota {
  readonly bucket: TokenBucket;
  omitted: number;
}

/** Events are counted by name, of all children together; there are only so many names. */
export function limitedLogger(
  logger: Logger,
  clock: Clock,
  quotas: Map<string, Quota> = new Map(),
): Logger {
  const limited =
    (level: 'debug' | 'info' | 'warn' | 'error') => (event: string, fields?: LogFields) => {
      const nowMs = clock.nowMs();
      const quota = quotas.get(event) ?? {
        bucket: new TokenBucket(PER_SECOND, BURST, nowMs),
        omitted: 0,
      };
      quotas.set(event, quota);
      if (!quota.bucket.tryTake(1, nowMs)) {
        quota.omitted++;
        return;
      }
      const { omitted } = quota;
      quota.omitted = 0;
      logger[level](event, omitted > 0 ? { ...fields, omitted } : fields);
    };
  return {
    debug: limited('debug'),
    info: limited('info'),
    warn: limited('warn'),
    error: limited('error'),
    child: (fields) => limitedLogger(logger.child(fields), clock, quotas),
  };
}
