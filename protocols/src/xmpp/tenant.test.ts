import { expect, test } from 'vitest';
import { parseJid } from './jid.ts';
import { nodeWithTenant, roomFromNode, tenantDomain, tenantFromPath, tenantOf } from './tenant.ts';

const MUC = 'muc.meet.example';

test('a tenant has a domain of its own, and the way back leads to it', () => {
  for (const tenant of ['', 'acme', 'a', 'schule_a', 'große-firma']) {
    expect(tenantOf(tenantDomain(MUC, tenant), MUC)).toBe(tenant);
  }
  expect(tenantDomain(MUC, 'acme')).toBe('muc.acme.meet.example');
});

test.each([
  'meet.example',
  'acme.meet.example',
  'muc.meet.example.org',
  'muc..meet.example',
  'muc.a.b.meet.example',
  'mucacme.meet.example',
  'muc.example',
  'muc',
  '',
  'auth.meet.example',
  'xmuc.acme.meet.example',
])('%j is no domain of rooms', (domain) => {
  expect(tenantOf(domain, MUC)).toBeUndefined();
});

test.each([
  ['acme', 'acme'],
  ['ACME', 'acme'],
  ['a.b', 'a_b'],
  ['a b/c@d', 'a_b_c_d'],
  ['Größe', 'größe'],
  ['x'.repeat(80), 'x'.repeat(63)],
])('the path %j names the tenant %j, of which an address can be made', (segment, tenant) => {
  expect(tenantFromPath(segment)).toBe(tenant);
  expect(parseJid(`daily@${tenantDomain(MUC, tenant)}`)?.domain).toBe(`muc.${tenant}.meet.example`);
});

test.each([
  ['daily@muc.meet.example', 'daily'],
  ['daily@muc.acme.meet.example', '[acme]daily'],
])('the room %s is called %s among all of the server', (jid, node) => {
  expect(nodeWithTenant(parseJid(jid) ?? expect.fail(), MUC)).toBe(node);
  expect(roomFromNode(node, MUC).bare).toBe(jid);
});

test.each(['[]daily', '[acme]', '[acme', 'a[b]c'])('%j names no tenant', (node) => {
  expect(roomFromNode(node, MUC).bare).toBe(`${node}@${MUC}`);
});
