/** Prometheus' text format, version 0.0.4. */

export interface Metric {
  /** Of letters, digits and underscores; a counter's ends in `_total`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export function writePrometheusText(metrics: readonly Metric[]): string {
  return metrics
    .map(({ name, type, help, samples }) =>
      [
        `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n`,
        `# TYPE ${name} ${type}\n`,
        ...samples.map(({ labels, value }) => `${name}${writeLabels(labels)} ${value}\n`),
      ].join(''),
    )
    .join('');
}

function writeLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const written = Object.entries(labels ?? {}).map(([name, value]) => {
    const escaped = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
    return `${name}="${escaped}"`;
  });
  return written.length === 0 ? '' : `{${written.join(',')}}`;
}
