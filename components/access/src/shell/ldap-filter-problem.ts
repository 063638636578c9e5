/** Finds what is wrong with a filter at the start, instead of at the first log-in (RFC 4515). */
import { FilterParser } from 'ldapts';
import { escapeFilterValue, expandTemplate, unknownMarks } from '../core/ldap-template.ts';

/** Undefined: it can be used. */
export function findFilterProblem(filter: string): string | undefined {
  const [mark] = unknownMarks(filter);
  if (mark !== undefined) return `${mark} means nothing in it (a real percent sign is %%)`;
  const login = { user: 'ada@example.com', service: 'xmpp', realm: 'example.com', dn: 'cn=ada' };
  try {
    FilterParser.parseString(expandTemplate(filter, login, escapeFilterValue));
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return /paren/i.test(reason) ? 'its brackets do not match' : reason.replace(/: .*/s, '');
  }
}
