/**
 * The bandwidth estimator over links in memory: how much of each it uses, how often it believes too
 * much, how long queues get. In virtual time and seeded, so every run prints the same.
 * `npm run bench -- estimator [--json]`.
 */
import { parseArgs } from 'node:util';
import { LINK_TRACES, runLinkTrace } from '@conclave/testkit';
import { BandwidthEstimator } from '@conclave/videobridge';

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const results = LINK_TRACES.map((trace) => runLinkTrace(trace, new BandwidthEstimator()));
if (values.json) console.log(JSON.stringify({ traces: results }));
else {
  const keys = Object.keys(results[0] ?? {}) as (keyof (typeof results)[number])[];
  console.log(`| ${keys.join(' | ')} |\n|${keys.map(() => ' --- ').join('|')}|`);
  for (const result of results) console.log(`| ${keys.map((key) => result[key]).join(' | ')} |`);
}
