/** Whether the parts work, for load balancers (`/about/health`). */

export interface HealthReport {
  readonly isHealthy: boolean;
  /** One sentence per part that does not work. */
  readonly reasons: readonly string[];
}

/** Each check gives undefined when its part is well, else what is wrong. */
export type HealthCheck = () => string | undefined;

export function checkAll(checks: readonly HealthCheck[]): HealthReport {
  const reasons: string[] = [];
  for (const check of checks) {
    const reason = check();
    if (reason !== undefined) reasons.push(reason);
  }
  return { isHealthy: reasons.length === 0, reasons };
}
