/** The production Logger, on pino: JSON lines by default, readable lines when a person is watching. */
import type { LogFields, Logger } from '@conclave/base';
import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import { formatLogLine } from './readable-line.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Readable lines instead of JSON. */
  readonly readable: boolean;
  /** Where lines go, with their line feed. */
  readonly write: (line: string) => void;
}

export function createLogger(options: LoggerOptions): Logger {
  const destination: DestinationStream = {
    write: options.readable
      ? (line) => options.write(`${formatLogLine(line)}\n`)
      : (line) => options.write(line),
  };
  return wrap(
    pino(
      {
        level: options.level,
        base: null,
        messageKey: 'event',
        timestamp: () => `,"time":"${new Date().toISOString()}"`,
        formatters: { level: (label) => ({ level: label }) },
        errorKey: 'error',
        serializers: { error: describeError, cause: describeError },
      },
      destination,
    ),
  );
}

/** Stack for the operator; anything that is not an Error as it is. */
function describeError(value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const cause = value.cause instanceof Error ? `\ncaused by ${value.cause.stack ?? ''}` : '';
  return `${value.stack ?? value.message}${cause}`;
}

function wrap(target: PinoLogger): Logger {
  const log =
    (level: LogLevel) =>
    (event: string, fields?: LogFields): void => {
      if (fields === undefined) target[level](event);
      else target[level](fields, event);
    };
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    child: (fields) => wrap(target.child(fields)),
  };
}
