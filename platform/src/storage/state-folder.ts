/**
 * The folder in which the server keeps its secrets and state (setting CONFIG): folders 0700, files
 * 0600. A file is written beside its place and renamed, so a crash leaves the old or the new one.
 */
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { explainFsError, StorageError } from './errors.ts';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

export class StateFolder {
  /** Absolute path. */
  readonly path: string;

  /** Creates the folder when it is missing. Throws StorageError `STORAGE_FOLDER_UNUSABLE`. */
  constructor(path: string) {
    this.path = path;
    this.#makeFolder(path);
  }

  /** Absolute path of a file in the folder. */
  pathOf(name: string): string {
    return join(this.path, name);
  }

  /** The text of a file, or undefined when there is none. Throws `STORAGE_FILE_UNREADABLE`. */
  readText(name: string): string | undefined {
    const path = this.pathOf(name);
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new StorageError(
        'STORAGE_FILE_UNREADABLE',
        `cannot read ${path}: ${explainFsError(error)}`,
        { cause: error },
      );
    }
  }

  /** Replaces a file, atomically and durably, mode 0600. Throws `STORAGE_FILE_UNWRITABLE`. */
  writeText(name: string, text: string): void {
    const path = this.pathOf(name);
    const temporary = `${path}.new`;
    try {
      this.#makeFolder(dirname(path));
      rmSync(temporary, { force: true });
      // `wx`: a file or link that someone else put there is never followed.
      const file = openSync(temporary, 'wx', FILE_MODE);
      try {
        writeFileSync(file, text);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(temporary, path);
    } catch (error) {
      if (error instanceof StorageError) throw error;
      throw new StorageError(
        'STORAGE_FILE_UNWRITABLE',
        `cannot write ${path}: ${explainFsError(error)}`,
        { cause: error },
      );
    }
  }

  #makeFolder(path: string): void {
    try {
      const created = mkdirSync(path, { recursive: true, mode: FOLDER_MODE });
      // A folder that was here before may be open to others; what we put into it is secret.
      if (created === undefined && path === this.path && (statSync(path).mode & 0o077) !== 0) {
        chmodSync(path, FOLDER_MODE);
      }
    } catch (error) {
      throw new StorageError(
        'STORAGE_FOLDER_UNUSABLE',
        `cannot use the folder ${path}: ${explainFsError(error)}`,
        { cause: error },
      );
    }
  }
}
