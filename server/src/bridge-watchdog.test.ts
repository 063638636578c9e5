import { silentLogger } from '@conclave/base';
import { ManualClock } from '@conclave/testkit';
import { describe, expect, test } from 'vitest';
import { BridgeWatchdog, type WatchedBridge } from './bridge-watchdog.ts';

const options = { intervalMs: 500, silenceMs: 2500 };

class FakeBridge implements WatchedBridge {
  readonly bridgeId = 'jvb';
  isReady = true;
  isHung = false;
  kills = 0;
  /** Asked while it hung. */
  readonly #waiting: ((isAnswered: boolean) => void)[] = [];

  ping(): Promise<boolean> {
    if (!this.isHung) return Promise.resolve(true);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  killWorker(): void {
    this.kills++;
    this.isReady = false;
    for (const settle of this.#waiting.splice(0)) settle(false);
  }
}

function watch() {
  const clock = new ManualClock();
  const bridge = new FakeBridge();
  const deps = { clock, timers: clock, logger: silentLogger };
  const watchdog = new BridgeWatchdog(deps, bridge, options);
  /** With what promises do in between. */
  const pass = async (durationMs: number) => {
    for (let leftMs = durationMs; leftMs > 0; leftMs -= 100) {
      clock.advance(100);
      for (let i = 0; i < 5; i++) await Promise.resolve();
    }
  };
  return { clock, bridge, watchdog, pass };
}

describe('BridgeWatchdog', () => {
  test('leaves a worker alone that answers', async () => {
    const { bridge, pass } = watch();
    await pass(60_000);
    expect(bridge.kills).toBe(0);
  });

  test('ends a worker that is silent for 2.5 s, not before', async () => {
    const { bridge, pass } = watch();
    await pass(10_000);
    bridge.isHung = true;
    await pass(2400);
    expect(bridge.kills).toBe(0);
    await pass(700);
    expect(bridge.kills).toBe(1);
  });

  test('watches the worker that comes after it, which has as long', async () => {
    const { bridge, pass } = watch();
    bridge.isHung = true;
    await pass(3100);
    await pass(10_000);
    expect(bridge.kills).toBe(1);
    bridge.isReady = true;
    await pass(1900);
    expect(bridge.kills).toBe(1);
    await pass(1200);
    expect(bridge.kills).toBe(2);
  });

  test('does nothing while there is no worker', async () => {
    const { bridge, pass } = watch();
    bridge.isHung = true;
    bridge.isReady = false;
    await pass(60_000);
    expect(bridge.kills).toBe(0);
  });

  test('who was held up itself gives the worker as long as from the beginning', async () => {
    const { clock, bridge } = watch();
    bridge.isHung = true;
    // Each look is as late as on a machine that has no time for anybody.
    let nowMs = 0;
    clock.nowMs = () => nowMs;
    for (; nowMs < 60_000; nowMs += 1000) clock.advance(500);
    expect(bridge.kills).toBe(0);
    for (let i = 0; i < 6; i++, nowMs += 500) clock.advance(500);
    expect(bridge.kills).toBe(1);
  });

  test('stops when closed', async () => {
    const { bridge, clock, watchdog, pass } = watch();
    bridge.isHung = true;
    watchdog.close();
    await pass(60_000);
    expect(bridge.kills).toBe(0);
    expect(clock.pendingCount).toBe(0);
  });
});
