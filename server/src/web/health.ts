/** Whether the parts work, for load balancers (`/about/health`). */
import type { Timers } from '@conclave/base';

export interface HealthReport {
  readonly isHealthy: boolean;
  /** One sentence per part that does not work. */
  readonly reasons: readonly string[];
}

/** Each check gives undefined when its part is well, else what is wrong. */
export type HealthCheck = () => Promise<string | undefined>;

/** Runs all checks at once; one that rejects has failed. */
export async function checkAll(checks: readonly HealthCheck[]): Promise<HealthReport> {
  const answers = await Promise.all(
    checks.map((check) => check().catch((error: unknown) => `a check failed: ${String(error)}`)),
  );
  const reasons = answers.filter((answer) => answer !== undefined);
  return { isHealthy: reasons.length === 0, reasons };
}

/** `otherwise` when `answer` takes longer than `timeoutMs`. */
export function withinTime<T>(
  timers: Timers,
  timeoutMs: number,
  answer: Promise<T>,
  otherwise: T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = timers.schedule(timeoutMs, () => resolve(otherwise));
    const settle =
      <A>(then: (value: A) => void) =>
      (value: A) => {
        timer.cancel();
        then(value);
      };
    answer.then(settle(resolve), settle(reject));
  });
}
