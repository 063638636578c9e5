/** Names of accounts: what may be the node of a JID (RFC 7622 §3.3), and shorter. */

const MAX_LENGTH = 64;
/** Neither white space, control, private nor unassigned characters, nor what a JID sets apart. */
const NAME = /^[^\s\p{C}"&'/:<>@]+$/u;

/** The normal form under which an account is kept and found; undefined for what can be none. */
export function normaliseAccountName(text: string): string | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const name = text.normalize('NFKC').toLowerCase();
  return name.length <= MAX_LENGTH && NAME.test(name) ? name : undefined;
}
