/** Files under CONFIG: private to the user, written whole or not at all; databases among them. */
export { Database, type SqlRow, type SqlValue } from './database.ts';
export { StorageError } from './errors.ts';
export { StateFolder } from './state-folder.ts';
