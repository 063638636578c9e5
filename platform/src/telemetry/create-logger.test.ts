import { describe, expect, test } from 'vitest';
import { createLogger } from './create-logger.ts';
import { formatLogLine } from './readable-line.ts';

function capture(level: 'debug' | 'info', readable: boolean) {
  const lines: string[] = [];
  const logger = createLogger({ level, readable, write: (line) => lines.push(line) });
  return { lines, logger };
}

describe('createLogger', () => {
  test('writes one JSON object a line with time, level, event and fields', () => {
    const { lines, logger } = capture('info', false);
    logger.info('web.listening', { port: 8443 });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.endsWith('\n')).toBe(true);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'info',
      event: 'web.listening',
      port: 8443,
    });
  });

  test('leaves out what is below the level', () => {
    const { lines, logger } = capture('info', false);
    logger.debug('noise');
    expect(lines).toEqual([]);
  });

  test('a child adds its fields', () => {
    const { lines, logger } = capture('info', true);
    logger.child({ conference: 'daily' }).warn('focus.bridge.failed');
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} warn {2}focus\.bridge\.failed conference=daily\n$/,
    );
  });

  test('shows the stack of an error and its cause', () => {
    const { lines, logger } = capture('info', false);
    logger.error('failed', { error: new Error('outer', { cause: new Error('inner') }) });
    const { error } = JSON.parse(lines[0] ?? '') as { error: string };
    expect(error).toContain('Error: outer');
    expect(error).toContain('caused by Error: inner');
  });
});

describe('formatLogLine', () => {
  test('quotes what could be read as something else', () => {
    const record = JSON.stringify({
      time: '2026-01-02T03:04:05.678Z',
      level: 'info',
      event: 'x',
      text: 'a b=c',
    });
    expect(formatLogLine(record)).toBe('03:04:05.678 info  x text="a b=c"');
  });

  test('never lets a peer forge a line or move the cursor', () => {
    const record = JSON.stringify({ level: 'info', event: 'x\u001b[2J', text: 'a\nb\u009b' });
    const line = formatLogLine(record);
    expect(line).not.toContain('\n');
    expect(line).not.toContain('\u001b');
    expect(line).not.toContain('\u009b');
  });

  test('passes on text that is not a record', () => {
    expect(formatLogLine('plain\n')).toBe('plain');
  });
});
