import type { LogFields, Logger } from '@conclave/base';
import { ManualClock } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { limitedLogger } from './limited-logger.ts';

test('of a flood of one event the beginning is written, and later how many were left out', () => {
  const written: [string, LogFields | undefined][] = [];
  const write = (event: string, fields?: LogFields) => void written.push([event, fields]);
  const target: Logger = {
    debug: write,
    info: write,
    warn: write,
    error: write,
    child: () => target,
  };
  const clock = new ManualClock();
  const logger = limitedLogger(target, clock);
  for (let i = 0; i < 150; i++) logger.child({ part: 'x' }).info('access.token.refused', { i });
  logger.warn('access.directory.unavailable');
  expect(written).toHaveLength(101);
  expect(written.at(-1)).toEqual(['access.directory.unavailable', undefined]);
  clock.advance(1_000);
  logger.info('access.token.refused', { i: 150 });
  expect(written.at(-1)).toEqual(['access.token.refused', { i: 150, omitted: 50 }]);
});
