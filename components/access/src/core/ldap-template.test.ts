/** Filters and DNs are filled in as saslauthd does, and nothing typed changes their meaning. */
import fc from 'fast-check';
import { FilterParser } from 'ldapts';
import { describe, expect, test } from 'vitest';
import {
  escapeDnValue,
  escapeFilterValue,
  expandTemplate,
  nameAttribute,
  unknownMarks,
} from './ldap-template.ts';

const login = { user: 'ada@mail.example.com', service: 'xmpp', realm: 'meet.jitsi', dn: 'cn=ada' };
const plain = (value: string) => value;

test.each([
  ['%u', 'ada@mail.example.com'],
  ['%U', 'ada'],
  ['%d', 'mail.example.com'],
  ['%1/%2/%3/%4', 'com/example/mail/'],
  ['%s at %r', 'xmpp at meet.jitsi'],
  ['%D', 'cn=ada'],
  ['100%%u', '100%u'],
])('%s is %s', (template, text) => expect(expandTemplate(template, login, plain)).toBe(text));

test('without a domain in the name the realm stands for it', () => {
  expect(expandTemplate('%U %d %1', { ...login, user: 'ada' }, plain)).toBe('ada meet.jitsi jitsi');
});

test('what is filled in is not looked at again', () => {
  expect(expandTemplate('%u', { ...login, user: '%r%%' }, plain)).toBe('%r%%');
});

test.each([
  ['(uid=%u)', []],
  ['(uid=%q%%%u)%', ['%q', '%']],
])('marks of %s that mean nothing: %j', (template, marks) =>
  expect(unknownMarks(template)).toEqual(marks),
);

test.each([
  ['uid=%u', 'uid'],
  ['(&(objectClass=person)(sAMAccountName=%U))', 'sAMAccountName'],
  ['(mail=%u@example.com)', 'mail'],
  ['(objectClass=person)', undefined],
])('the name is compared with an attribute: %s', (filter, attribute) =>
  expect(nameAttribute(filter)).toBe(attribute),
);

describe('escaping', () => {
  test.each([
    ['a*b', 'a\\2ab'],
    ['(a)', '\\28a\\29'],
    ['a\\b\0', 'a\\5cb\\00'],
    ['jürgen', 'jürgen'],
  ])('in filters: %j', (value, escaped) => expect(escapeFilterValue(value)).toBe(escaped));

  test.each([
    ['a,b=c', 'a\\2cb\\3dc'],
    [' a ', '\\20a\\20'],
    ['#a"<>;+\\', '\\23a\\22\\3c\\3e\\3b\\2b\\5c'],
  ])('in DNs: %j', (value, escaped) => expect(escapeDnValue(value)).toBe(escaped));

  test('whatever is typed, the filter keeps its shape and asks for that very name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (user) => {
        const text = expandTemplate('(&(a=b)(uid=%u))', { ...login, user }, escapeFilterValue);
        const filter = FilterParser.parseString(text) as unknown as {
          filters: { attribute: string; value: string }[];
        };
        expect(filter.filters).toHaveLength(2);
        expect(filter.filters[1]).toMatchObject({ attribute: 'uid', value: user });
      }),
    );
  });
});
