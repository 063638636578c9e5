/**
 * Tenants of one server: the rooms of `https://host/acme/…` are on a domain of their own, `muc.acme.meet.example`
 * beside `muc.meet.example` (COMPAT: Jitsi's multi-tenant addresses; docs: protocol-signaling 2).
 */
import { Jid } from './jid.ts';

/** Longest label of a domain (RFC 1035 §2.3.4). */
const MAX_TENANT_LENGTH = 63;
const NOT_IN_A_TENANT = /[^\p{L}\p{N}\p{M}_-]/gu;

/** The tenant that the first part of an address (decoded) names: what a domain cannot hold becomes `_`. */
export function tenantFromPath(segment: string): string {
  return segment
    .normalize('NFC')
    .toLowerCase()
    .replace(NOT_IN_A_TENANT, '_')
    .slice(0, MAX_TENANT_LENGTH);
}

/** Where the rooms of `tenant` are; without a tenant `mucDomain` itself. */
export function tenantDomain(mucDomain: string, tenant: string): string {
  if (tenant === '') return mucDomain;
  const [prefix, base] = split(mucDomain);
  return `${prefix}.${tenant}${base}`;
}

/** The tenant whose rooms are on `domain`: empty for those of no tenant; undefined when no rooms are there. */
export function tenantOf(domain: string, mucDomain: string): string | undefined {
  if (domain === mucDomain) return '';
  const [prefix, base] = split(mucDomain);
  const tenant = domain.slice(prefix.length + 1, domain.length - base.length);
  if (tenant === '' || tenant.includes('.')) return undefined;
  return domain === `${prefix}.${tenant}${base}` ? tenant : undefined;
}

/** The name of a room among those of all tenants, as Prosody has it: `[acme]daily`. */
export function nodeWithTenant(room: Jid, mucDomain: string): string {
  const tenant = tenantOf(room.domain, mucDomain) ?? '';
  return tenant === '' ? room.node : `[${tenant}]${room.node}`;
}

/** The other way; `node` is normalised already. */
export function roomFromNode(node: string, mucDomain: string): Jid {
  const [, tenant = '', name = node] = /^\[([^\]]+)\](.+)$/s.exec(node) ?? [];
  return new Jid(name, tenantDomain(mucDomain, tenant));
}

/** `muc` and `.meet.example`. */
function split(mucDomain: string): readonly [prefix: string, base: string] {
  const [prefix = ''] = mucDomain.split('.', 1);
  return [prefix, mucDomain.slice(prefix.length)];
}
