/** Addresses, errors, forms and muc#user from mutated text: nothing may throw or hang. */
import { textCorpus } from '@conclave/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseXml } from '../xml/index.ts';
import { dataFormFromXml, formBoolean, formValue } from './data-form.ts';
import { discoInfoFromXml } from './disco.ts';
import { parseJid } from './jid.ts';
import { mucUserFromXml } from './muc.ts';
import { stanzaErrorFromXml } from './stanza-error.ts';
import { parseHandledCount } from './stream-management.ts';
import { nodeWithTenant, roomFromNode, tenantDomain, tenantFromPath, tenantOf } from './tenant.ts';

const RUNS = 100_000;
const examples = textCorpus(import.meta.url).map((text): [string] => [text]);
const elements = examples.filter(([text]) => text.startsWith('<'));

test('parseJid takes any text, and gives only what it would take again', () => {
  const part = fc.string({ unit: 'binary', maxLength: 24 });
  const text = fc.oneof(
    part,
    fc.tuple(part, part, part).map(([node, domain, resource]) => `${node}@${domain}/${resource}`),
    fc.tuple(part, part).map(([domain, resource]) => `${domain}/${resource}`),
  );
  fc.assert(
    fc.property(text, (input) => {
      const jid = parseJid(input);
      if (jid !== undefined) expect(parseJid(jid.full)?.full).toBe(jid.full);
      parseHandledCount(input);
    }),
    { numRuns: RUNS, examples },
  );
});

test('any part of an address names a tenant with a domain of its own, and any room has one name', () => {
  const mucDomain = 'muc.meet.example';
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 24 }), (input) => {
      const tenant = tenantFromPath(input);
      const domain = tenantDomain(mucDomain, tenant);
      expect(parseJid(`daily@${domain}`)?.domain).toBe(domain);
      expect(tenantOf(domain, mucDomain)).toBe(tenant);
      tenantOf(input, mucDomain);
      const room = roomFromNode(input, mucDomain);
      if (tenantOf(room.domain, mucDomain) === undefined) return;
      expect(nodeWithTenant(room, mucDomain)).toBe(input);
    }),
    { numRuns: RUNS, examples },
  );
});

test('readers take any element', () => {
  const names = ['x', 'item', 'error', 'query', 'field', 'value', 'status', 'text', 'identity'];
  const spaces = [
    'jabber:client',
    'jabber:x:data',
    'http://jabber.org/protocol/muc#user',
    'http://jabber.org/protocol/disco#info',
    'urn:ietf:params:xml:ns:xmpp-stanzas',
  ];
  const { element } = fc.letrec<{ element: string }>((tie) => ({
    element: fc
      .record({
        name: fc.constantFrom(...names),
        ns: fc.constantFrom(...spaces),
        key: fc.constantFrom('type', 'var', 'code', 'jid', 'affiliation', 'role', 'name'),
        value: fc.constantFrom('submit', '110', '-1', '', 'none', 'muc#x', '__proto__'),
        children: fc.oneof(
          { maxDepth: 4 },
          fc.constant(''),
          fc.array(tie('element'), { maxLength: 3 }).map((list) => list.join('t')),
        ),
      })
      .map((e) => `<${e.name} xmlns="${e.ns}" ${e.key}="${e.value}">${e.children}</${e.name}>`),
  }));
  fc.assert(
    fc.property(element, (text) => {
      const result = parseXml(`<iq xmlns="jabber:client">${text}</iq>`);
      if (result.type === 'error') throw new Error(result.reason);
      const child = result.element.elements().next().value;
      mucUserFromXml(result.element);
      stanzaErrorFromXml(result.element);
      if (child === undefined) return;
      discoInfoFromXml(child);
      const form = dataFormFromXml(child);
      if (form !== undefined) formBoolean(formValue(form, '__proto__'));
    }),
    { numRuns: RUNS, examples: elements },
  );
});
