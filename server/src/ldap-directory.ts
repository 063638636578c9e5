/** The directory as the settings describe it; files of authorities are read once, at the start. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { LdapDirectory } from '@conclave/access';
import type { Clock, Logger, Timers } from '@conclave/base';
import { StartError } from './errors.ts';
import type { Settings } from './settings/index.ts';

export interface LdapDirectoryDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** Where Debian and most others keep the authorities they trust. */
const SYSTEM_AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';
const MAX_FILES = 1000;

/** Throws StartError `LDAP_TLS_INVALID` with the setting to change. Connects later. */
export function createLdapDirectory(
  deps: LdapDirectoryDependencies,
  settings: Settings,
): LdapDirectory {
  const usesTls =
    settings.LDAP_START_TLS || settings.LDAP_URL.some((url) => url.startsWith('ldaps:'));
  const authorities = usesTls ? readAuthorities(settings) : undefined;
  const ciphers = settings.LDAP_TLS_CIPHERS === '' ? undefined : settings.LDAP_TLS_CIPHERS;
  if (ciphers !== undefined) checkCiphers(ciphers);
  if (!usesTls) {
    deps.logger.warn('access.directory.plain', {
      message:
        'LDAP_URL is reached without encryption: passwords can be listened to between here and the directory. Use ldaps:// or LDAP_START_TLS=1.',
    });
  } else if (!settings.LDAP_TLS_CHECK_PEER) {
    deps.logger.warn('access.directory.unchecked', {
      message:
        'LDAP_TLS_CHECK_PEER=0: anybody on the way can pretend to be the directory and collect passwords. Set LDAP_TLS_CACERT_FILE instead.',
    });
  }
  const directory = new LdapDirectory(deps, {
    urls: settings.LDAP_URL,
    base: settings.LDAP_BASE,
    bindDn: settings.LDAP_BINDDN,
    bindPassword: settings.LDAP_BINDPW,
    filter: settings.LDAP_FILTER,
    method: settings.LDAP_AUTH_METHOD,
    startTls: settings.LDAP_START_TLS,
    tls: { checkPeer: settings.LDAP_TLS_CHECK_PEER, ciphers, authorities },
    moderatorGroups: settings.LDAP_MODERATOR_GROUPS,
    moderatorFilter: settings.LDAP_MODERATOR_FILTER,
    realm: settings.XMPP_DOMAIN,
    timeoutMs: settings.LDAP_TIMEOUT * 1000,
    maxConnections: settings.LDAP_MAX_CONNECTIONS,
  });
  return directory;
}

/** Says in the log whether the directory can be asked; a start never waits for that. */
export async function probeDirectory(directory: LdapDirectory, logger: Logger): Promise<void> {
  const problem = await directory.probe();
  if (problem === undefined) logger.info('access.directory.ready');
}

function readAuthorities(settings: Settings): string[] | undefined {
  const { LDAP_TLS_CACERT_FILE: file, LDAP_TLS_CACERT_DIR: folder } = settings;
  const texts: string[] = [];
  if (file !== '') texts.push(readPem('LDAP_TLS_CACERT_FILE', file));
  if (folder !== '') {
    for (const name of listFolder(folder)) {
      if (/\.(?:pem|crt)$/.test(name))
        texts.push(readPem('LDAP_TLS_CACERT_DIR', join(folder, name)));
    }
    if (texts.length === 0) {
      throw invalid('LDAP_TLS_CACERT_DIR', `${folder} holds no .pem or .crt file`);
    }
  }
  if (texts.length > 0) return texts;
  try {
    return [readFileSync(SYSTEM_AUTHORITIES, 'utf8')];
  } catch {
    return undefined; // then Node's own list
  }
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder).sort().slice(0, MAX_FILES);
  } catch (error) {
    throw invalid('LDAP_TLS_CACERT_DIR', `${folder} cannot be read: ${String(error)}`);
  }
}

function readPem(setting: string, file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw invalid(setting, `${file} cannot be read: ${String(error)}`);
  }
  try {
    if (!text.includes('-----BEGIN ')) throw new Error('no PEM text');
    createSecureContext({ ca: text });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw invalid(setting, `${file} is not a certificate in PEM form (${reason})`);
  }
  return text;
}

function checkCiphers(ciphers: string): void {
  try {
    createSecureContext({ ciphers });
  } catch {
    throw invalid(
      'LDAP_TLS_CIPHERS',
      "OpenSSL knows none of these ciphers (docker-jitsi-meet's sample is in the form of GnuTLS). Remove it, or write it like ECDHE+AESGCM",
    );
  }
}

function invalid(setting: string, what: string): StartError {
  return new StartError('LDAP_TLS_INVALID', `${setting}: ${what}. Correct or remove ${setting}.`);
}
