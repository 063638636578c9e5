/** Logs for operators: JSON lines for machines, one readable line for people; and the audit log. */
export { AuditFile, type AuditFileOptions } from './audit-file.ts';
export { createLogger, LOG_LEVELS, type LoggerOptions, type LogLevel } from './create-logger.ts';
export { formatLogLine } from './readable-line.ts';
