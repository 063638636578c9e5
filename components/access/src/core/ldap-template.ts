/**
 * The `%` marks of LDAP_FILTER, as Cyrus' saslauthd knows them, filled in so that nothing a person
 * types can change the question (escapes: RFC 4515 §3 in filters, RFC 4514 §2.4 in DNs).
 */

export interface LdapLogin {
  /** As typed: `ada` or `ada@mail.example.com`. */
  readonly user: string;
  readonly service: string;
  readonly realm: string;
  /** The entry found; only for questions about it. */
  readonly dn?: string;
}

/** Marks in `template` that mean nothing. */
export function unknownMarks(template: string): string[] {
  return [...template.matchAll(/%(.?)/gs)]
    .filter(([, mark = '']) => !/^[%uUdsrD1-9]$/.test(mark))
    .map(([text]) => text);
}

export function expandTemplate(
  template: string,
  login: LdapLogin,
  escapeValue: (value: string) => string,
): string {
  const at = login.user.lastIndexOf('@');
  const local = at < 0 ? login.user : login.user.slice(0, at);
  const domain = at < 0 ? login.realm : login.user.slice(at + 1);
  const labels = domain.split('.').reverse();
  const values: Readonly<Record<string, string>> = {
    u: login.user,
    U: local,
    d: domain,
    s: login.service,
    r: login.realm,
    D: login.dn ?? '',
  };
  return template.replace(/%(.)/gs, (_, mark: string) => {
    if (mark === '%') return '%';
    if (/[1-9]/.test(mark)) return escapeValue(labels[Number(mark) - 1] ?? '');
    return escapeValue(values[mark] ?? '');
  });
}

export function escapeFilterValue(value: string): string {
  return value.replace(/[\0()*\\]/g, hexEscape);
}

export function escapeDnValue(value: string): string {
  return value.replace(/[\0"+,;<=>\\#]|^ +| +$/g, (text) => [...text].map(hexEscape).join(''));
}

function hexEscape(character: string): string {
  return `\\${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** The attribute that the typed name is compared with: `uid` in `(&(objectClass=person)(uid=%u))`. */
export function nameAttribute(filter: string): string | undefined {
  return /([\w-]+)=[^()=]*%[uU]/.exec(filter)?.[1];
}
