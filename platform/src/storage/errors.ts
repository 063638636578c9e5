/** What can go wrong with the state folder; the messages are for the operator. */
import { ConclaveError } from '@conclave/base';

export class StorageError extends ConclaveError {}

const EXPLANATIONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'it does not exist',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'a file of that name is in the way',
  EISDIR: 'it is a folder',
};

/** Turns an error of node:fs into a short phrase. */
export function explainFsError(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (typeof code !== 'string') return String(error);
  return EXPLANATIONS[code] ?? code;
}
