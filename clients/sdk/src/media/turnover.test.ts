import { ManualClock } from '@conclave/testkit';
import { describe, expect, test, vi } from 'vitest';
import { settled } from '../testing/settled.ts';
import { Turnover } from './turnover.ts';

class FakeReceiver {
  keyFramesDecoded: number | undefined = 7;
  async getStats(): Promise<RTCStatsReport> {
    const { keyFramesDecoded } = this;
    return new Map([['i', { type: 'inbound-rtp', keyFramesDecoded }]]) as unknown as RTCStatsReport;
  }
}

function begin() {
  const clock = new ManualClock();
  const onOver = vi.fn();
  const turnover = new Turnover(clock, onOver);
  const receiver = new FakeReceiver();
  turnover.begin('4', receiver);
  const wait = async (ms: number) => {
    for (let i = 0; i < ms; i += 50) {
      await settled();
      clock.advance(50);
    }
    await settled();
  };
  return { turnover, receiver, onOver, wait };
}

describe('a line that changed hands', () => {
  test('shows nothing before a key frame of the new owner', async () => {
    const { turnover, receiver, onOver, wait } = begin();
    expect(turnover.isUnderWay('4')).toBe(true);
    await wait(200);
    expect(turnover.isUnderWay('4')).toBe(true);
    receiver.keyFramesDecoded = 8;
    await wait(50);
    expect(turnover.isUnderWay('4')).toBe(false);
    expect(onOver).toHaveBeenCalledTimes(1);
  });

  test('shows what there is after a second', async () => {
    const { onOver, wait } = begin();
    await wait(950);
    expect(onOver).not.toHaveBeenCalled();
    await wait(50);
    expect(onOver).toHaveBeenCalledTimes(1);
  });

  test('that changes hands again begins anew', async () => {
    const { turnover, receiver, onOver, wait } = begin();
    await wait(900);
    turnover.begin('4', receiver);
    await wait(900);
    expect(onOver).not.toHaveBeenCalled();
    receiver.keyFramesDecoded = 8;
    await wait(50);
    expect(onOver).toHaveBeenCalledTimes(1);
  });

  test('is believed at once where browsers do not count key frames, and forgotten at the end', async () => {
    const { turnover, receiver, onOver, wait } = begin();
    turnover.close();
    await wait(1000);
    expect(onOver).not.toHaveBeenCalled();
    receiver.keyFramesDecoded = undefined;
    turnover.begin('4', receiver);
    await settled();
    expect(onOver).toHaveBeenCalledTimes(1);
  });
});
