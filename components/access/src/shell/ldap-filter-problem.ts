/** Finds what is wrong with a filter at the start, instead of at the first log-in (RFC 4515). */
import { FilterParser } from 'ldapts';
import { escapeFilterValue, expandTemplate, unknownMarks } from '../core/ldap-template.ts';

/** An attribute, perhaps with a matching rule, and a comparison. */
const ITEM = /^\([\w.;-]*(?:(?::dn)?(?::[\w.-]+)?:|[<>~])?=/;

/** Undefined: it can be used. */
export function findFilterProblem(filter: string): string | undefined {
  const [mark] = unknownMarks(filter);
  if (mark !== undefined) return `${mark} means nothing in it (a real percent sign is %%)`;
  const login = { user: 'ada@example.com', service: 'xmpp', realm: 'example.com', dn: 'cn=ada' };
  const text = expandTemplate(filter, login, escapeFilterValue);
  // The parser takes both of these without complaint.
  const count = (character: string) => text.split(character).length;
  if (count('(') !== count(')')) return 'its brackets do not match';
  const item = (/[()]/.test(text) ? text.match(/\([^()&|!][^()]*\)/g) : [`(${text})`])?.find(
    (one) => !ITEM.test(one),
  );
  if (item !== undefined) return `${item} in it compares nothing`;
  try {
    FilterParser.parseString(text);
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return /paren/i.test(reason) ? 'its brackets do not match' : reason.replace(/: .*/s, '');
  }
}
