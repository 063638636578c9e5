/** What every keeper of passwords (accounts, a directory) answers at a log-in. */
import type { TokenUser } from './token-identity.ts';

export interface PasswordHolder {
  /** The name under which rooms and bans know this person, whatever spelling was typed. */
  readonly account: string;
  readonly user: TokenUser;
  /** Undefined: the keeper has no opinion on who leads. */
  readonly isModerator: boolean | undefined;
}

interface Meant {
  /**
   * Where one person has several names (`ada`, `ada@school.example`): whom the typed one means. Tries count for that person
   * under whatever name.
   */
  readonly person?: string;
}

export type PasswordVerdict =
  | ({ readonly type: 'accepted' } & PasswordHolder & Meant)
  /** Wrong name or password; which one is nobody's business. */
  | ({ readonly type: 'refused' } & Meant)
  /** Nobody can tell now; another try may help, and it counts against nobody. */
  | { readonly type: 'unavailable'; readonly reason: string };

export interface PasswordCheck {
  /** Never throws for what is typed. `address`: whose queue it waits in, when checking takes long. */
  verifyPassword(user: string, password: string, address?: string): Promise<PasswordVerdict>;
}
