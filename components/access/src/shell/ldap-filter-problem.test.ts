/** Filters that cannot work are found at the start. */
import { expect, test } from 'vitest';
import { findFilterProblem } from './ldap-filter-problem.ts';

test.each([
  'uid=%u',
  '(uid=%u)',
  '(&(objectClass=person)(|(uid=%U)(mail=%u)))',
  '(&(uid=%u)(!(loginShell=/bin/false)))',
  '(&(sAMAccountName=%u)(memberOf:1.2.840.113556.1.4.1941:=cn=teachers,dc=example,dc=com))',
  '(cn=%u*)',
  '(&(uid=%u)(age>=18)(name=*))',
  '(cn:dn:=%u)',
])('%s can be used', (filter) => expect(findFilterProblem(filter)).toBeUndefined());

test.each([
  ['', /./],
  ['(uid=%u', /brackets/],
  ['(&(uid=%u)(a=b)', /brackets/],
  ['(uid=%u))', /brackets/],
  ['(&uid=%u)', /./],
  ['(uid:%u)', /compares nothing/],
  ['(%u)', /compares nothing/],
  ['(uid=%x)', /%x means nothing/],
  ['(uid=%u\\zz)', /hex/],
])('%j cannot', (filter, problem) => expect(findFilterProblem(filter)).toMatch(problem));
