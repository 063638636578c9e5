/**
 * The audit log as a file of JSON lines, mode 0600. Lines are written together, one write at a time,
 * so a slow disk holds up nobody; what does not fit in the queue is counted and said in the file.
 * The file rotates by size, and may be moved away: `reopen` then starts a new one.
 */
import { appendFileSync, renameSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { AuditLog, AuditRecord, Logger } from '@conclave/base';

export interface AuditFileOptions {
  /** Absolute; its folder exists. */
  readonly path: string;
  /** The file is set aside before it grows above this. */
  readonly maxBytes: number;
  /** Files set aside that are kept: `path.1` is the newest. */
  readonly keep: number;
  readonly wallMs: () => number;
}

/** Lines that wait for the disk; more are dropped and counted. */
const MAX_WAITING = 10_000;
/** Characters of one text in a record: some come from clients. */
const MAX_TEXT = 512;
const FILE_MODE = 0o600;

export class AuditFile implements AuditLog {
  readonly #logger: Logger;
  readonly #options: AuditFileOptions;
  #waiting: string[] = [];
  #dropped = 0;
  /** Records lost since the start. */
  lost = 0;
  #file: FileHandle | undefined;
  #sizeBytes = 0;
  #writing: Promise<void> | undefined;
  #hasFailed = false;
  #wantsReopen = false;
  #isClosed = false;

  constructor(logger: Logger, options: AuditFileOptions) {
    this.#logger = logger;
    this.#options = options;
  }

  record(record: AuditRecord): void {
    if (this.#isClosed) return;
    if (this.#waiting.length >= MAX_WAITING) {
      this.#dropped++;
      this.lost++;
      return;
    }
    this.#waiting.push(this.#lineOf(record));
    this.#writing ??= this.#writeAll();
  }

  /** The file was moved away by someone else (logrotate): further lines go to a new one. */
  reopen(): void {
    this.#wantsReopen = true;
    this.#writing ??= this.#writeAll();
  }

  /** Writes what waits. Further records are discarded. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#writing;
    await this.#closeFile();
  }

  /** For a process that is about to die. */
  flushNow(): void {
    this.#isClosed = true;
    const lines = this.#waiting.splice(0);
    try {
      if (lines.length > 0) appendFileSync(this.#options.path, lines.join(''), { mode: FILE_MODE });
    } catch {
      // There is nobody left to tell.
    }
  }

  #lineOf(record: AuditRecord): string {
    const fields: Record<string, string> = {
      time: new Date(this.#options.wallMs()).toISOString(),
    };
    for (const [name, value] of Object.entries(record)) {
      if (typeof value === 'string') fields[name] = value.slice(0, MAX_TEXT);
    }
    return `${JSON.stringify(fields)}\n`;
  }

  async #writeAll(): Promise<void> {
    // Records of the same turn are written together.
    await Promise.resolve();
    while (this.#waiting.length > 0 || this.#wantsReopen) {
      const lines = this.#waiting;
      this.#waiting = [];
      if (this.#dropped > 0) {
        lines.push(this.#lineOf({ event: 'audit.dropped', value: String(this.#dropped) }));
        this.#dropped = 0;
      }
      try {
        await this.#write(lines.join(''));
        this.#hasFailed = false;
      } catch (error) {
        this.#dropped += lines.length;
        this.lost += lines.length;
        await this.#closeFile();
        // Once, not for every line of a full disk.
        if (!this.#hasFailed) this.#logger.error('audit.write.failed', { error });
        this.#hasFailed = true;
        if (this.#waiting.length === 0) break;
      }
    }
    this.#writing = undefined;
  }

  async #write(text: string): Promise<void> {
    if (this.#wantsReopen) {
      this.#wantsReopen = false;
      await this.#closeFile();
    }
    const bytes = Buffer.byteLength(text);
    if (this.#file === undefined) await this.#open();
    if (this.#sizeBytes > 0 && this.#sizeBytes + bytes > this.#options.maxBytes) {
      await this.#closeFile();
      this.#setAside();
      await this.#open();
    }
    if (bytes === 0) return;
    await this.#file?.appendFile(text);
    this.#sizeBytes += bytes;
  }

  async #open(): Promise<void> {
    this.#file = await open(this.#options.path, 'a', FILE_MODE);
    this.#sizeBytes = (await this.#file.stat()).size;
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => {});
  }

  #setAside(): void {
    const { path, keep } = this.#options;
    const nameOf = (index: number) => (index === 0 ? path : `${path}.${index}`);
    rmSync(nameOf(keep), { force: true });
    for (let index = keep - 1; index >= 0; index--) {
      try {
        renameSync(nameOf(index), nameOf(index + 1));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
  }
}
