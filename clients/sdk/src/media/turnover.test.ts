import { ManualClock } from '@conclave/testkit';
import { describe, expect, test, vi } from 'vitest';
import { settled } from '../testing/settled.ts';
import { Turnover } from './turnover.ts';

class FakeReceiver {
  framesDecoded: number | undefined = 100;
  keyFramesDecoded = 7;
  async getStats(): Promise<RTCStatsReport> {
    const { framesDecoded, keyFramesDecoded } = this;
    const report = { type: 'inbound-rtp', framesDecoded, keyFramesDecoded };
    return new Map([['i', report]]) as unknown as RTCStatsReport;
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

  test('shows what comes when the former pictures are through, if the key frame was missed', async () => {
    const { receiver, onOver, wait } = begin();
    receiver.framesDecoded = 110;
    await wait(500);
    expect(onOver).not.toHaveBeenCalled();
    receiver.framesDecoded = 111;
    await wait(500);
    expect(onOver).toHaveBeenCalledTimes(1);
  });

  test('shows nothing of who sends nothing, and goes on looking', async () => {
    const { receiver, onOver, wait } = begin();
    await wait(10_000);
    expect(onOver).not.toHaveBeenCalled();
    receiver.keyFramesDecoded = 8;
    await wait(300);
    expect(onOver).toHaveBeenCalledTimes(1);
  });

  test('that changes hands again begins anew', async () => {
    const { turnover, receiver, onOver, wait } = begin();
    await wait(400);
    turnover.begin('4', receiver);
    receiver.framesDecoded = 110;
    await wait(450);
    expect(onOver).not.toHaveBeenCalled();
    receiver.keyFramesDecoded = 8;
    await wait(50);
    expect(onOver).toHaveBeenCalledTimes(1);
  });

  test('is believed at once where browsers do not count, and forgotten at the end', async () => {
    const { turnover, receiver, onOver, wait } = begin();
    turnover.close();
    await wait(1000);
    expect(onOver).not.toHaveBeenCalled();
    receiver.framesDecoded = undefined;
    turnover.begin('4', receiver);
    await settled();
    expect(onOver).toHaveBeenCalledTimes(1);
  });
});
