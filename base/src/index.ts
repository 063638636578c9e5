/** L0: what every layer may use. No I/O, no dependencies. */
export { type AuditLog, type AuditRecord, noAuditLog } from './audit-log.ts';
export type { Clock, TimerHandle, Timers } from './clock.ts';
export { ConclaveError } from './errors.ts';
export { isJsonObject, type JsonObject, parseJsonObject } from './json-object.ts';
export { type LogFields, type Logger, silentLogger } from './logger.ts';
export { type RandomSource, randomHex, randomToken, randomUint32, randomUuid } from './random.ts';
export { extendSeq, seqDiff, timestampDiff } from './serial.ts';
export { TokenBucket } from './token-bucket.ts';
