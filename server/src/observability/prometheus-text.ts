/** Prometheus' text format, version 0.0.4. */

interface Named {
  /** Of letters, digits and underscores; a counter's ends in `_total`. */
  readonly name: string;
  readonly help: string;
}

export type Metric =
  | (Named & { readonly type: 'counter' | 'gauge'; readonly samples: readonly Sample[] })
  | (Named & { readonly type: 'histogram'; readonly buckets: Buckets });

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Buckets {
  /** Upper bounds, ascending. */
  readonly bounds: readonly number[];
  /** By bucket, not added up; one more than bounds. */
  readonly counts: readonly number[];
  readonly sum: number;
}

export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export function gauge(name: string, help: string, value: number): Metric {
  return { name, type: 'gauge', help, samples: [{ value }] };
}

export function counter(name: string, help: string, value: number): Metric {
  return { name, type: 'counter', help, samples: [{ value }] };
}

export function histogram(name: string, help: string, buckets: Buckets): Metric {
  return { name, type: 'histogram', help, buckets };
}

export function writePrometheusText(metrics: readonly Metric[]): string {
  return metrics
    .map((metric) => {
      const { name, type, help } = metric;
      return [
        `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n`,
        `# TYPE ${name} ${type}\n`,
        ...(metric.type === 'histogram'
          ? writeBuckets(name, metric.buckets)
          : metric.samples.map(({ labels, value }) => `${name}${writeLabels(labels)} ${value}\n`)),
      ].join('');
    })
    .join('');
}

/** Prometheus adds buckets up. */
function writeBuckets(name: string, { bounds, counts, sum }: Buckets): string[] {
  let total = 0;
  const lines = counts.map((count, index) => {
    total += count;
    return `${name}_bucket{le="${bounds[index] ?? '+Inf'}"} ${total}\n`;
  });
  return [...lines, `${name}_sum ${sum}\n`, `${name}_count ${total}\n`];
}

function writeLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const written = Object.entries(labels ?? {}).map(([name, value]) => {
    const escaped = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
    return `${name}="${escaped}"`;
  });
  return written.length === 0 ? '' : `{${written.join(',')}}`;
}
