/** Logs for operators: JSON lines for machines, one readable line for people. */
export { createLogger, LOG_LEVELS, type LoggerOptions, type LogLevel } from './create-logger.ts';
export { formatLogLine } from './readable-line.ts';
