/** Whether the parts work, for load balancers (`/about/health`). */
import type { Timers } from '@conclave/base';

export interface HealthReport {
  readonly isHealthy: boolean;
  /** One sentence per part that does not work. */
  readonly reasons: readonly string[];
  /** By part: `ok`, or what is wrong. */
  readonly parts: Readonly<Record<string, string>>;
}

/** Each check gives undefined when its part is well, else what is wrong. */
export type HealthCheck = () => Promise<string | undefined>;

/** Runs all checks at once; one that rejects has failed. */
export async function checkAll(
  checks: Readonly<Record<string, HealthCheck>>,
): Promise<HealthReport> {
  const found = await Promise.all(
    Object.entries(checks).map(async ([part, check]) => {
      const reason = await check().catch((error: unknown) => `a check failed: ${String(error)}`);
      return [part, reason] as const;
    }),
  );
  const reasons = found.flatMap(([, reason]) => reason ?? []);
  const parts = Object.fromEntries(found.map(([part, reason]) => [part, reason ?? 'ok']));
  return { isHealthy: reasons.length === 0, reasons, parts };
}

/** The answer that others who ask within `keptMs` get too: anybody may ask, as often as they like. */
export function shared<T>(
  ask: () => Promise<T>,
  keptMs: number,
  nowMs: () => number,
): () => Promise<T> {
  let last: { readonly answer: Promise<T>; readonly untilMs: number } | undefined;
  return () => {
    if (last === undefined || nowMs() >= last.untilMs) {
      last = { answer: ask(), untilMs: nowMs() + keptMs };
    }
    return last.answer;
  };
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
