/**
 * What the bridge allocates while it forwards at full rate: a minute of the large meeting (see large-meeting.ts) under V8's
 * sampling heap profiler, which also counts what is collected soon; and the pauses of the garbage collector. A packet must not
 * allocate: what there is should come from feedback, reports and ticks, and not grow with what is forwarded.
 *
 *   npm run bench -- heap [--json] [--seconds 60] [--members 150] [--last-n 25] [--sites 12] [--rewriting]
 *
 * Bytes are of the worker's JavaScript heap. Needs `npm run build`.
 */
import { parseArgs } from 'node:util';
import type { AllocationProfile } from './inspector/thread-inspector.ts';
import { SimulatedMeeting } from './meeting/simulation.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '60' },
    members: { type: 'string', default: '150' },
    'last-n': { type: 'string', default: '25' },
    sites: { type: 'string', default: '12' },
    rewriting: { type: 'boolean', default: false },
  },
});
const DEADLINE_S = 300;
/** Code is compiled and tables have their size by then. */
const WARM_UP_S = 20;
/** One sample in so many bytes: some thousand samples in a minute. */
const SAMPLE_BYTES = 8192;
const MARK_SWEEP = 4;

type Node = AllocationProfile['head'];

const round = (value: number, digits = 2) => Number(value.toFixed(digits));
const fileOf = (url: string) => url.split('/').at(-1) || 'V8';
const nameOf = ({ functionName, url, lineNumber }: Node['callFrame']) =>
  `${functionName || '(anonymous)'} ${fileOf(url)}:${lineNumber + 1}`;

/** Bytes by place, the largest first. */
function sitesOf(head: Node): readonly (readonly [site: string, bytes: number])[] {
  const bytes = new Map<string, number>();
  const visit = (node: Node, caller: string): void => {
    const name = nameOf(node.callFrame);
    // What a built-in allocates is told under who called it.
    const site = node.callFrame.url.startsWith('file:')
      ? name
      : `${node.callFrame.functionName} < ${caller}`;
    if (node.selfSize > 0) bytes.set(site, (bytes.get(site) ?? 0) + node.selfSize);
    for (const child of node.children) visit(child, site);
  };
  visit(head, '');
  return [...bytes].sort(([, a], [, b]) => b - a);
}

setTimeout(() => {
  console.error(`the benchmark took longer than ${DEADLINE_S} s`);
  process.exit(1);
}, DEADLINE_S * 1000).unref();
const plan = {
  members: Number(values.members),
  lastN: Number(values['last-n']),
  speakers: 3,
  takesRewrittenSsrcs: values.rewriting,
};
const seconds = Number(values.seconds);
const meeting = await SimulatedMeeting.start(plan);
try {
  await meeting.measure(WARM_UP_S);
  const before = await meeting.memory();
  await meeting.startSampling(SAMPLE_BYTES);
  const measured = await meeting.measure(seconds);
  const profile = await meeting.stopSampling();
  const after = await meeting.memory();
  const sites = sitesOf(profile.head);
  const total = sites.reduce((sum, [, bytes]) => sum + bytes, 0);
  const packets = measured.forwardedPerS * seconds;
  const { pauses } = measured;
  const longest = (of: typeof pauses) => round(Math.max(0, ...of.map(({ pauseMs }) => pauseMs)));
  const result = {
    ...plan,
    seconds,
    forwardedPerS: Math.round(measured.forwardedPerS),
    receivedPerS: Math.round(measured.receivedPerS),
    coreBusyPercent: round(measured.bridgeBusy * 100, 0),
    allocatedBytesPerS: Math.round(total / seconds),
    bytesPerForwardedPacket: round(total / packets),
    bytesPerReceivedPacket: round(total / (measured.receivedPerS * seconds)),
    collections: pauses.length,
    longestPauseMs: longest(pauses),
    longestFullCollectionMs: longest(pauses.filter(({ kind }) => kind === MARK_SWEEP)),
    heapGrowthKb: Math.round((after.heapBytes - before.heapBytes) / 1024),
    sites: sites.slice(0, Number(values.sites)).map(([site, bytes]) => ({
      site,
      percent: round((bytes / total) * 100, 1),
      bytesPerPacket: round(bytes / packets, 3),
    })),
  };
  if (!values.json) {
    for (const { site, percent, bytesPerPacket } of result.sites) {
      console.log(`${percent} %, ${bytesPerPacket} bytes a packet: ${site}`);
    }
  }
  console.log(JSON.stringify(result));
} finally {
  await meeting.stop();
}
