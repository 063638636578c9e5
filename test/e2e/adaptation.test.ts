/**
 * A real browser whose network turns bad and good again keeps a moving picture and the voices (needs root and Linux).
 * Limits in time grow by as much as the machine itself stutters: on the clean network, and in the phase that they are about. A failure
 * tells what the bridge did meanwhile.
 */
import { fileURLToPath } from 'node:url';
import { NetworkNamespace } from '@conclave/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { BadNetworkCall } from './adaptation/bad-network-call.ts';
import type { Phase } from './adaptation/phase-recorder.ts';
import { tellBadNetwork, tellCrowd } from './adaptation/stories.ts';

const OUTPUT = fileURLToPath(new URL('../../test-output/e2e/adaptation', import.meta.url));
/** Longest pause between pictures at which a machine counts as not busy. */
const SMOOTH_MS = 300;
const MAX_QUIET_MS = 200;

// Of the small camera here the current library sends no encoding that the cut would be too narrow for.
const obstacle =
  process.env.LJM_BUNDLE === undefined
    ? NetworkNamespace.obstacle()
    : 'the figures are for the library of 2021';
if (obstacle !== undefined) console.warn(`adaptation is not tested: ${obstacle}`);

let call: BadNetworkCall | undefined;
beforeAll(async () => {
  if (obstacle === undefined) call = await BadNetworkCall.start();
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await call?.dump(OUTPUT);
  await call?.closeParticipants();
});
afterAll(() => call?.close());

class Phases {
  readonly #phases = new Map<string, Phase>();

  readonly add = (phase: Phase): void => {
    this.#phases.set(phase.name, phase);
  };

  of(name: string): Phase {
    const phase = this.#phases.get(name);
    if (phase === undefined) throw new Error(`no phase ${name}`);
    return phase;
  }

  /** What the machine adds to every wait, by itself. */
  stutterMs(name: string, clean: string): number {
    const usualMs = Math.max(0, this.of(clean).flow.longestFreezeMs - SMOOTH_MS);
    return Math.max(usualMs, this.of(name).machineMs);
  }

  /** How long a voice may be gone: a busy machine does not play either. */
  quietLimitMs(name: string, clean: string): number {
    return MAX_QUIET_MS + Math.max(this.of(clean).flow.longestQuietMs, this.of(name).machineMs);
  }
}

test.skipIf(obstacle !== undefined)(
  'one sender: cut, restored, lossy, late',
  { timeout: 150_000 },
  async () => {
    const phases = new Phases();
    await tellBadNetwork(call!, phases.add);

    const cut = phases.of('500 kbit/s');
    const cutStutterMs = phases.stutterMs('500 kbit/s', 'clean');
    expect(cut.changeMs, cut.evidence).toBeLessThan(2000 + cutStutterMs);
    expect(cut.flow.longestFreezeMs, cut.evidence).toBeLessThan(1000 + cutStutterMs);
    expect(cut.flow.longestQuietMs, cut.evidence).toBeLessThan(
      phases.quietLimitMs('500 kbit/s', 'clean'),
    );
    expect(cut.flow.height, cut.evidence).toBe(180);
    const restored = phases.of('restored');
    const restoredStutterMs = phases.stutterMs('restored', 'clean');
    expect(restored.changeMs, restored.evidence).toBeLessThan(10_000 + restoredStutterMs);
    const clean = phases.of('clean').flow.partOfFrames;
    for (const name of ['5 % loss', '10 % loss', '100 ± 30 ms']) {
      const { flow, evidence } = phases.of(name);
      expect(flow.partOfFrames, evidence).toBeGreaterThan(0.8 * clean);
      expect(flow.longestQuietMs, evidence).toBeLessThan(phases.quietLimitMs(name, 'clean'));
    }
    const outage = phases.of('nothing for 1 s').flow;
    expect(outage.longestFreezeMs).toBeGreaterThan(700);
    expect(outage.longestQuietMs).toBeGreaterThan(300);
  },
);

test.skipIf(obstacle !== undefined)(
  'six senders over 300 kbit/s: voices whole, the stage alive',
  { timeout: 120_000 },
  async () => {
    const phases = new Phases();
    await tellCrowd(call!, phases.add);
    const { flow, evidence } = phases.of('six senders, 300 kbit/s');
    const stutterMs = phases.stutterMs('six senders, 300 kbit/s', 'six senders, clean');
    const quietLimitMs = phases.quietLimitMs('six senders, 300 kbit/s', 'six senders, clean');
    expect(flow.longestQuietMs, evidence).toBeLessThan(quietLimitMs);
    const clean = phases.of('six senders, clean').flow;
    expect(flow.concealedPart, evidence).toBeLessThan(0.05 + clean.concealedPart);
    // A fifth of what the machine sends: less than the base layer alone.
    expect(flow.framesPerSecond, evidence).toBeGreaterThan(
      Math.min(2, 0.2 * clean.framesPerSecond),
    );
    expect(flow.longestFreezeMs, evidence).toBeLessThan(1500 + stutterMs);
  },
);
