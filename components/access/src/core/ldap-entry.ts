/** What of a directory entry is taken over, and stored passwords compared (LDAP_AUTH_METHOD=custom). */
import type { PasswordHolder } from './password-check.ts';
import type { TokenUser } from './token-identity.ts';

/** Attributes by name, as the client library gives them. */
export type LdapEntry = Readonly<Record<string, unknown>> & { readonly dn: string };

export const PERSON_ATTRIBUTES: readonly string[] = ['displayName', 'cn', 'mail'];

const MAX_LENGTH = 256;

export function holderFromEntry(
  entry: LdapEntry,
  nameAttribute: string | undefined,
  typed: string,
): Pick<PasswordHolder, 'account' | 'user'> {
  const account = (
    (nameAttribute === undefined ? undefined : firstText(entry, nameAttribute)) ?? typed
  ).toLowerCase();
  const name = firstText(entry, 'displayName') ?? firstText(entry, 'cn');
  const email = firstText(entry, 'mail');
  const user: TokenUser = {
    id: account,
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
  };
  return { account, user };
}

/** Directories answer `SAMAccountName` where `sAMAccountName` was asked. */
function firstText(entry: LdapEntry, attribute: string): string | undefined {
  const wanted = attribute.toLowerCase();
  for (const [name, value] of Object.entries(entry)) {
    if (name.toLowerCase() !== wanted) continue;
    const first: unknown = Array.isArray(value) ? value[0] : value;
    if (typeof first !== 'string') return undefined;
    // In this order: what is cut off may leave half a character.
    const clean = first.slice(0, MAX_LENGTH).replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, '');
    return clean === '' ? undefined : clean;
  }
  return undefined;
}

/** The values of `userPassword`. */
export function storedPasswords(entry: LdapEntry): string[] {
  const values: unknown = Object.entries(entry).find(
    ([name]) => name.toLowerCase() === 'userpassword',
  )?.[1];
  const list: readonly unknown[] = Array.isArray(values) ? values : [values];
  return list
    .map((value) => (value instanceof Uint8Array ? new TextDecoder().decode(value) : value))
    .filter((value): value is string => typeof value === 'string' && value !== '');
}
