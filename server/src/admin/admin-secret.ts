/** The secret of the admin API: made at the first start, kept in the state folder, the same ever after. */
import { type RandomSource, randomHex } from '@conclave/base';
import type { StateFolder } from '@conclave/platform/storage';

const ADMIN_SECRET_FILE = 'admin-token';

/** Hexadecimal digits: 256 bits. */
const SECRET_LENGTH = 64;

/** Throws StorageError. */
export function loadAdminSecret(state: StateFolder, random: RandomSource): string {
  const kept = state.readText(ADMIN_SECRET_FILE)?.trim();
  if (kept !== undefined && kept !== '') return kept;
  const made = randomHex(random, SECRET_LENGTH);
  state.writeText(ADMIN_SECRET_FILE, `${made}\n`);
  return made;
}
