/**
 * What a real browser makes of a network that turns bad and good again: `npm run bench -- adaptation [--json]
 * [--write] [--codec VP9]`. Told by `test/e2e/adaptation/stories.ts`, which a test with thresholds tells too. `--write`
 * puts the table into docs/benchmarks.md. `--codec` takes a library that knows the codec (`LJM_BUNDLE`). Needs root, for the network.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { NetworkNamespace } from '@conclave/testkit';
import { BadNetworkCall } from '../e2e/adaptation/bad-network-call.ts';
import type { Phase } from '../e2e/adaptation/phase-recorder.ts';
import { castWith, DEFAULT_CAST, tellBadNetwork, tellCrowd } from '../e2e/adaptation/stories.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    codec: { type: 'string' },
  },
});
const DOCUMENT = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url));
const { codec } = values;
const table = codec === undefined ? 'adaptation' : `adaptation ${codec}`;
const MARKS = [`<!-- ${table}: begin -->`, `<!-- ${table}: end -->`] as const;
const cast = codec === undefined ? DEFAULT_CAST : castWith(codec);

const obstacle = NetworkNamespace.obstacle();
if (obstacle !== undefined) {
  console.error(obstacle);
  process.exit(1);
}
const phases: Phase[] = [];
const call = await BadNetworkCall.start(codec);
const stop = () => {
  void call.close().finally(() => process.exit(1));
};
process.once('SIGINT', stop).once('SIGTERM', stop);
try {
  const report = (phase: Phase) => {
    phases.push(phase);
    if (!values.json) console.log(`${phase.name}: done`);
  };
  await tellBadNetwork(call, report, cast);
  await call.closeParticipants();
  await tellCrowd(call, report, cast);
} finally {
  await call.close();
}

/** One row; integers, so that they can be compared. */
function rowOf({ name, changeMs, flow }: Phase) {
  return {
    name,
    changeMs: changeMs === undefined ? null : Math.round(changeMs),
    height: flow.height,
    framesPerSecond: Math.round(flow.framesPerSecond),
    framesPercent: Math.round(100 * flow.partOfFrames),
    longestFreezeMs: Math.round(flow.longestFreezeMs),
    longestQuietMs: Math.round(flow.longestQuietMs),
    concealedPercent: Math.round(1000 * flow.concealedPart) / 10,
    receivedKbps: Math.round(flow.receivedBps / 1000),
  };
}

const rows = phases.map(rowOf);
const names = Object.keys(rows[0] ?? {}) as (keyof ReturnType<typeof rowOf>)[];
const text = [
  `| ${names.join(' | ')} |`,
  `|${names.map(() => ' --- |').join('')}`,
  ...rows.map((row) => `| ${names.map((name) => row[name] ?? '').join(' | ')} |`),
].join('\n');
if (values.write) {
  const [before = '', rest = ''] = readFileSync(DOCUMENT, 'utf8').split(MARKS[0]);
  const after = rest.split(MARKS[1])[1];
  if (after === undefined) throw new Error(`${DOCUMENT} has no place for the table`);
  writeFileSync(DOCUMENT, `${before}${MARKS[0]}\n${text}\n${MARKS[1]}${after}`);
}
console.log(values.json ? JSON.stringify({ phases: rows }) : text);
