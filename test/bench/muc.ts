/**
 * Signalling beside Prosody: what a room costs per delivery, who waits how long, what a session weighs.
 * Same generator, same stanzas, each server alone on one core, the generator on another; CPU time of the
 * server's process from /proc. `npm run bench -- muc [--json] [--quick] [--only conclave] [--kind storm] [--window 1]`.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { freeTcpPort } from '@conclave/testkit/server';
import { type CaseResult, FULL_PLAN, type LoadResult, type Plan, QUICK_PLAN } from './muc/plan.ts';
import { ensureProsody, prosodyCommand, prosodyVersion } from './muc/prosody.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    kind: { type: 'string' },
    /** Stanzas under way in groupchat and presence; with 1 there is nothing to send together. */
    window: { type: 'string' },
    /** Writes a CPU profile of our server into this folder. */
    profile: { type: 'string' },
  },
});
const RUN_TIMEOUT_MS = 200_000;
const full = values.quick ? QUICK_PLAN : FULL_PLAN;
const chosen: Plan = { ...full, window: Number(values.window ?? full.window) };
const { kind } = values;
const plan: Plan =
  kind === undefined
    ? chosen
    : {
        ...chosen,
        idleSessions: kind === 'idle' ? chosen.idleSessions : 0,
        cases: chosen.cases.filter((one) => one.kind === kind),
      };

const path = (file: string) => fileURLToPath(new URL(`muc/${file}`, import.meta.url));
const node = (file: string, ...args: string[]) => [
  process.execPath,
  '--import',
  'tsx',
  path(file),
  ...args,
];
const canPin = availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0;

function start(core: number, command: readonly string[], stdout: 'ignore' | 'pipe'): ChildProcess {
  const [program = '', ...args] = canPin ? ['taskset', '-c', String(core), ...command] : command;
  return spawn(program, args, { stdio: ['ignore', stdout, 'inherit'] });
}

async function untilListening(port: number): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const socket = createConnection(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the server did not start');
}

async function measure(command: (port: number) => readonly string[]): Promise<LoadResult> {
  const port = await freeTcpPort();
  const server = start(0, command(port), 'ignore');
  try {
    await untilListening(port);
    const url = `ws://127.0.0.1:${port}/xmpp-websocket`;
    const load = start(
      1,
      node('load-process.ts', url, String(server.pid), JSON.stringify(plan)),
      'pipe',
    );
    const timer = setTimeout(() => load.kill('SIGKILL'), RUN_TIMEOUT_MS);
    let output = '';
    load.stdout?.on('data', (data: Buffer) => {
      output += data.toString();
    });
    const [code] = await once(load, 'close');
    clearTimeout(timer);
    if (code !== 0) throw new Error('the load generator failed');
    return JSON.parse(output) as LoadResult;
  } finally {
    server.kill('SIGTERM');
    await once(server, 'exit');
  }
}

const perCpuSecond = ({ deliveries, cpuMs }: CaseResult) => Math.round(deliveries / (cpuMs / 1000));
const round = (value: number | undefined, digits = 0) =>
  value === undefined ? undefined : Number(value.toFixed(digits));
const find = (result: LoadResult | undefined, wanted: string, occupants: number) =>
  result?.cases.find((one) => one.kind === wanted && one.occupants === occupants);

const profile =
  values.profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', values.profile];
const conclave =
  values.only === 'prosody'
    ? undefined
    : await measure((port) => {
        const [program = '', ...args] = node('conclave-process.ts', String(port));
        return [program, ...profile, ...args];
      });
const wantsProsody = values.only !== 'conclave';
const hasProsody = wantsProsody && ensureProsody();
if (wantsProsody && !hasProsody) console.error('Prosody is not here: apt-get install prosody');
const prosody = hasProsody ? await measure(prosodyCommand) : undefined;

const cases = plan.cases.map((one) => {
  const ours = find(conclave, one.kind, one.occupants);
  const theirs = find(prosody, one.kind, one.occupants);
  const both = ours !== undefined && theirs !== undefined;
  return {
    occupants: one.occupants,
    kind: one.kind,
    perCpuSecond: ours && perCpuSecond(ours),
    prosodyPerCpuSecond: theirs && perCpuSecond(theirs),
    ratio: both ? round(perCpuSecond(ours) / perCpuSecond(theirs), 2) : undefined,
    cpuMs: round(ours?.cpuMs),
    prosodyCpuMs: round(theirs?.cpuMs),
  };
});
const cpuOf = (one: CaseResult | undefined) => one && round(one.cpuMs / one.repeats, 1);
const result = {
  cases,
  newcomer400Ms: round(find(conclave, 'newcomer', 400)?.medianMs, 1),
  newcomer400CpuMs: cpuOf(find(conclave, 'newcomer', 400)),
  storm500P95Ms: round(find(conclave, 'storm', 500)?.p95Ms),
  idleSessionKb: conclave?.idleSessionBytes && round(conclave.idleSessionBytes / 1000, 1),
  prosody: prosody && {
    version: prosodyVersion(),
    newcomer400Ms: round(find(prosody, 'newcomer', 400)?.medianMs, 1),
    newcomer400CpuMs: cpuOf(find(prosody, 'newcomer', 400)),
    storm500P95Ms: round(find(prosody, 'storm', 500)?.p95Ms),
    idleSessionKb: prosody.idleSessionBytes && round(prosody.idleSessionBytes / 1000, 1),
  },
};
if (values.json) console.log(JSON.stringify(result));
else {
  console.table(cases);
  console.log({ ...result, cases: cases.length });
}
