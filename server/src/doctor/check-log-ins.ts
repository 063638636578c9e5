/** Whoever is asked at log-ins: the directory, the provider, the key server; and whether our clock agrees with theirs. */
import { OidcProvider } from '@conclave/access';
import type { Clock, Logger, Timers } from '@conclave/base';
import { createLdapDirectory } from '../ldap-directory.ts';
import { oidcOptions } from '../log-in.ts';
import type { Settings } from '../settings/index.ts';
import { createPublicKeys } from '../token-logins.ts';
import { type Finding, messageOf, note, ok, problem, warning } from './finding.ts';

export interface LogInCheckDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
}

const TIMEOUT_MS = 5_000;
/** More, and tokens that are good seem to be of yesterday or of tomorrow. */
const CLOCK_TOLERANCE_MS = 30_000;

export async function checkDirectory(
  deps: LogInCheckDependencies,
  settings: Settings,
): Promise<readonly Finding[]> {
  if (!settings.ENABLE_AUTH || !settings.AUTH_TYPE.includes('ldap')) return [];
  const findings: Finding[] = [];
  const logger: Logger = {
    debug() {},
    info() {},
    warn: (event, fields) => {
      const text = String(fields?.message ?? event);
      const isDown = event === 'access.directory.unavailable';
      findings.push(isDown ? problem('LDAP_URL', text) : warning('LDAP_URL', text));
    },
    error: (event) => findings.push(problem('LDAP_URL', event)),
    child: () => logger,
  };
  try {
    const directory = createLdapDirectory({ ...deps, logger }, settings);
    const failure = await directory.probe();
    directory.close();
    if (failure === undefined) findings.push(ok('LDAP_URL', 'the directory answers'));
    else if (!findings.some(({ status }) => status === 'problem')) {
      findings.push(problem('LDAP_URL', failure));
    }
  } catch (error) {
    findings.push(problem('LDAP_TLS_CACERT_FILE', messageOf(error)));
  }
  return findings;
}

export async function checkProvider(
  { clock }: LogInCheckDependencies,
  settings: Settings,
): Promise<readonly Finding[]> {
  const options = settings.ENABLE_AUTH ? oidcOptions(settings) : undefined;
  if (options === undefined) return [];
  const failure = await new OidcProvider(clock, options).probe();
  return [
    failure === undefined
      ? ok('OIDC_ISSUER', 'the provider answers')
      : problem('OIDC_ISSUER', failure),
  ];
}

export async function checkKeyServer(
  { clock }: LogInCheckDependencies,
  settings: Settings,
): Promise<readonly Finding[]> {
  if (!settings.ENABLE_AUTH || !settings.AUTH_TYPE.includes('jwt')) return [];
  const keys = createPublicKeys(clock, settings);
  const findings: Finding[] = [];
  for (const [subject, failure] of await keys.probe()) {
    findings.push(
      failure === undefined
        ? ok(subject, 'answers')
        : problem(subject, `${failure}. Correct ${subject}, or look after that server`),
    );
  }
  return findings;
}

/** By what those whom we ask anyway say of the time; nobody else is asked. */
export async function checkClock(
  { clock }: LogInCheckDependencies,
  settings: Settings,
): Promise<readonly Finding[]> {
  const asked = settings.ENABLE_AUTH
    ? [settings.OIDC_ISSUER, settings.JWT_JWKS_URL, settings.JWT_ASAP_KEYSERVER]
    : [];
  for (const url of asked) {
    const dateMs = url && (await dateOf(url));
    if (!dateMs) continue;
    const offMs = clock.wallMs() - dateMs;
    if (Math.abs(offMs) <= CLOCK_TOLERANCE_MS) return [ok('clock', `agrees with ${url.host}`)];
    const how = `${Math.round(Math.abs(offMs) / 1000)} s ${offMs > 0 ? 'fast' : 'slow'}`;
    const text = `${how}, compared with ${url.host}: tokens are refused as expired or not yet good. Set the clock right (timedatectl set-ntp true)`;
    return [problem('clock', text)];
  }
  return [note('clock', `${new Date(clock.wallMs()).toISOString()}; nobody to compare it with`)];
}

async function dateOf(url: URL): Promise<number | undefined> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, { redirect: 'manual', signal });
    await response.body?.cancel();
    const dateMs = Date.parse(response.headers.get('date') ?? '');
    return Number.isNaN(dateMs) ? undefined : dateMs;
  } catch {
    return undefined;
  }
}
