/** How others reach this server: the public address, addresses for media, servers elsewhere that clients are told of. */
import { lookup } from 'node:dns/promises';
import { localAddresses } from '@conclave/platform/net';
import type { Settings } from '../settings/index.ts';
import { type Finding, messageOf, note, ok, problem, warning } from './finding.ts';

const TIMEOUT_MS = 5_000;

export async function checkPublicUrl(
  { PUBLIC_URL: url }: Settings,
  isServerRunning: boolean,
): Promise<readonly Finding[]> {
  const subject = 'PUBLIC_URL';
  if (url === undefined) return [note(subject, 'not set: clients use the address they typed')];
  const host = url.hostname.replace(/^\[|\]$/g, '');
  try {
    await lookup(host);
  } catch {
    return [problem(subject, `the name ${host} is not known. Enter it into DNS, or correct it`)];
  }
  if (!isServerRunning) return [ok(subject, `${host} has an address`)];
  try {
    const response = await fetch(new URL('/about/health', url), {
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = (await response.text()).slice(0, 1_000);
    if (text.includes('"status":"')) return [ok(subject, `${url.origin} leads to this server`)];
    const answer = `${url.origin}/about/health is answered by something else (${response.status}). Let the reverse proxy pass on everything`;
    return [problem(subject, answer)];
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    const text = `${url.origin} cannot be reached from here: ${messageOf(cause)}. That may be so behind a NAT; try it from outside`;
    return [warning(subject, text)];
  }
}

/** 10/8, 172.16/12, 192.168/16 (RFC 1918), 100.64/10 (RFC 6598), loopback, fc00::/7 (RFC 4193). */
const PRIVATE =
  /^(?:10\.|127\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1$|f[cd])/i;

export function checkMediaAddresses(
  settings: Settings,
  addresses = localAddresses({ ipv6: settings.ENABLE_IPV6 }),
): readonly Finding[] {
  const subject = 'JVB_ADVERTISE_IPS';
  const advertised = [...settings.JVB_ADVERTISE_IPS, ...settings.DOCKER_HOST_ADDRESS];
  if (advertised.length > 0) {
    return [ok(subject, advertised.map(({ address }) => address).join(', '))];
  }
  if (settings.JVB_STUN_SERVERS.length > 0) {
    return [ok(subject, 'found out by JVB_STUN_SERVERS')];
  }
  const own = addresses.map(({ address }) => address);
  if (own.some((address) => !PRIVATE.test(address))) return [ok(subject, own.join(', '))];
  const text = `not set, and this machine has private addresses only (${own.join(', ')}): nobody outside your network sees or hears anything. Set it to the address of your router, and forward UDP port ${settings.JVB_PORT}`;
  return [warning(subject, text)];
}

export async function checkRelays(settings: Settings): Promise<readonly Finding[]> {
  const names = ['STUN_HOST', 'TURN_HOST', 'TURNS_HOST'] as const;
  const checks = names.flatMap((name) =>
    settings[name].map(async (host): Promise<Finding> => {
      try {
        await lookup(host);
        return ok(name, `${host} has an address`);
      } catch {
        return problem(name, `the name ${host} is not known. Correct ${name}`);
      }
    }),
  );
  return Promise.all(checks);
}
