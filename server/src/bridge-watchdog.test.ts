import { silentLogger } from '@conclave/base';
import { ManualClock } from '@conclave/testkit';
import { describe, expect, test } from 'vitest';
import { BridgeWatchdog, type WatchedBridge } from './bridge-watchdog.ts';

const options = { intervalMs: 5000, timeoutMs: 5000, maxMissed: 3 };

class FakeBridge implements WatchedBridge {
  readonly bridgeId = 'jvb';
  isReady = true;
  isHung = false;
  kills = 0;

  stats(): Promise<unknown> {
    return this.isHung ? new Promise(() => {}) : Promise.resolve({});
  }

  killWorker(): void {
    this.kills++;
  }
}

function watch() {
  const clock = new ManualClock();
  const bridge = new FakeBridge();
  const watchdog = new BridgeWatchdog({ timers: clock, logger: silentLogger }, bridge, options);
  /** One interval and one timeout, with what promises do in between. */
  const round = async () => {
    for (const durationMs of [options.intervalMs, options.timeoutMs]) {
      clock.advance(durationMs);
      for (let i = 0; i < 10; i++) await Promise.resolve();
    }
  };
  return { clock, bridge, watchdog, round };
}

describe('BridgeWatchdog', () => {
  test('leaves a worker alone that answers', async () => {
    const { bridge, round } = watch();
    for (let i = 0; i < 20; i++) await round();
    expect(bridge.kills).toBe(0);
  });

  test('ends a worker that misses three answers in a row, not two', async () => {
    const { bridge, round } = watch();
    bridge.isHung = true;
    await round();
    await round();
    expect(bridge.kills).toBe(0);
    await round();
    expect(bridge.kills).toBe(1);
  });

  test('an answer in between makes it begin anew', async () => {
    const { bridge, round } = watch();
    bridge.isHung = true;
    await round();
    await round();
    bridge.isHung = false;
    await round();
    bridge.isHung = true;
    await round();
    await round();
    expect(bridge.kills).toBe(0);
  });

  test('does nothing while there is no worker', async () => {
    const { bridge, round } = watch();
    bridge.isHung = true;
    bridge.isReady = false;
    for (let i = 0; i < 20; i++) await round();
    expect(bridge.kills).toBe(0);
  });

  test('stops when closed', async () => {
    const { bridge, clock, watchdog, round } = watch();
    watchdog.close();
    bridge.isHung = true;
    for (let i = 0; i < 20; i++) await round();
    expect(bridge.kills).toBe(0);
    expect(clock.pendingCount).toBe(0);
  });
});
