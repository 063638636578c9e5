/** Structured logging: an event with a stable dotted name and plain fields. Nothing per packet. */

export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** A logger that adds `fields` to every event, e.g. `{ conference: 'daily' }`. */
  child(fields: LogFields): Logger;
}

/** Discards everything; for unit tests and tools. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};
