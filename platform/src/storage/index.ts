/** Files under CONFIG: private to the user, written whole or not at all. */
export { StorageError } from './errors.ts';
export { StateFolder } from './state-folder.ts';
