/**
 * A SQLite database in a file of the state folder. Calls are synchronous and short; another process
 * (the `conclave` command) may use the same file at the same time.
 */
import { closeSync, openSync, rmdirSync, statSync } from 'node:fs';
import sqlite, { type Database as Sqlite } from 'node-sqlite3-wasm';
import { explainFsError, StorageError } from './errors.ts';

export type SqlValue = number | string | Uint8Array | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** How long a call waits for another process to finish its own, ms. */
const BUSY_TIMEOUT_MS = 1_000;
/** Transactions take milliseconds, so a lock of this age belongs to nobody any more. */
const STALE_LOCK_MS = 5_000;
/** While opening: longer than it takes for a lock to become stale. */
const OPEN_TIMEOUT_MS = STALE_LOCK_MS + 1_000;

export class Database {
  readonly #path: string;
  readonly #db: Sqlite;

  /**
   * Opens or makes the file, private to the user. `migrations` are run in order, each once and whole;
   * later versions append to them. Throws StorageError `STORAGE_DATABASE_UNUSABLE`.
   */
  constructor(path: string, migrations: readonly string[]) {
    this.#path = path;
    try {
      // SQLite would make it with the umask's mode.
      closeSync(openSync(path, 'a', 0o600));
      this.#removeStaleLock();
      this.#db = new sqlite.Database(path);
      this.#db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA foreign_keys = ON;`);
      this.#patiently(() => this.#migrate(migrations));
    } catch (error) {
      if (error instanceof StorageError) throw error;
      const reason = explainFsError(error);
      throw new StorageError(
        'STORAGE_DATABASE_UNUSABLE',
        `cannot use the database ${path}: ${reason}`,
        { cause: error },
      );
    }
  }

  /** Rows of a query. */
  all(sql: string, values: readonly SqlValue[] = []): SqlRow[] {
    return this.#retry(() => this.#db.all(sql, [...values])) as SqlRow[];
  }

  /** The first row, if there is one. */
  get(sql: string, values: readonly SqlValue[] = []): SqlRow | undefined {
    return (this.#retry(() => this.#db.get(sql, [...values])) ?? undefined) as SqlRow | undefined;
  }

  /** How many rows changed. */
  run(sql: string, values: readonly SqlValue[] = []): number {
    return this.#retry(() => this.#db.run(sql, [...values])).changes;
  }

  /** All of it or nothing, and nobody else writes in between. */
  transaction<T>(action: () => T): T {
    this.#retry(() => this.#db.exec('BEGIN IMMEDIATE'));
    try {
      const result = action();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** Another number whenever another process has written. */
  get externalVersion(): number {
    return Number(this.get('PRAGMA data_version')?.data_version ?? 0);
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #migrate(migrations: readonly string[]): void {
    this.transaction(() => {
      const version = Number(this.#db.get('PRAGMA user_version')?.user_version ?? 0);
      if (version > migrations.length) {
        throw new StorageError(
          'STORAGE_DATABASE_UNUSABLE',
          `cannot use the database ${this.#path}: a newer version of Conclave wrote it`,
        );
      }
      for (const migration of migrations.slice(version)) this.#db.exec(migration);
      this.#db.exec(`PRAGMA user_version = ${migrations.length}`);
    });
  }

  /** A server that starts right after a crash waits for the lock of the one before to become stale. */
  #patiently(call: () => void): void {
    const endMs = Date.now() + OPEN_TIMEOUT_MS;
    for (;;) {
      try {
        call();
        return;
      } catch (error) {
        if (!isBusy(error) || Date.now() > endMs) throw error;
      }
    }
  }

  /** A process that was killed in the midst of a call leaves its lock behind. */
  #retry<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      if (!isBusy(error) || !this.#removeStaleLock()) throw error;
      return call();
    }
  }

  #removeStaleLock(): boolean {
    const lock = `${this.#path}.lock`;
    try {
      if (Date.now() - statSync(lock).mtimeMs < STALE_LOCK_MS) return false;
      rmdirSync(lock);
      return true;
    } catch {
      return false; // there is none, or somebody else was quicker
    }
  }
}

/** SQLite has waited for `BUSY_TIMEOUT_MS` then. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && /locked|busy/i.test(error.message);
}
