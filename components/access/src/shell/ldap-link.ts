/**
 * The connections to one directory server: one bound as the account that searches, one on which
 * typed passwords are tried. Both are opened when first needed (RFC 4511, StartTLS: RFC 4513 §3).
 */
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { Client, ResultCodeError, type SearchOptions } from 'ldapts';
import type { LdapEntry } from '../core/ldap-entry.ts';
import { LDAP_RESULT, type LdapFault } from '../core/ldap-faults.ts';
import type { LdapOptions } from '../core/ldap-options.ts';
import { LdapGuard } from './ldap-guard.ts';

/** Thrown for everything that is not an answer. */
export class LdapError extends Error {
  readonly fault: LdapFault;

  constructor(fault: LdapFault) {
    super(fault.message);
    this.fault = fault;
  }
}

interface Connection {
  readonly client: Client;
  isOpen(): boolean;
}

export class LdapLink {
  readonly url: string;
  readonly #options: LdapOptions;
  readonly #connections = new Map<'service' | 'person', Connection>();

  constructor(url: string, options: LdapOptions) {
    this.url = url;
    this.#options = options;
  }

  /** False after a failure, or when the server has closed a connection meanwhile. */
  get isUsable(): boolean {
    return [...this.#connections.values()].every((connection) => connection.isOpen());
  }

  /** Up to two entries below `base`. `as`: whose rights count. */
  async search(
    base: string,
    search: Pick<SearchOptions, 'filter' | 'scope' | 'attributes' | 'explicitBufferAttributes'>,
    as: 'service' | 'person' = 'service',
  ): Promise<LdapEntry[]> {
    const client = await this.#client(as);
    const timeLimit = Math.max(1, Math.ceil(this.#options.timeoutMs / 1000));
    const found = await run('search', client.search(base, { ...search, sizeLimit: 2, timeLimit }));
    return found.searchEntries;
  }

  /** Whether `password` is that of `dn`, a DN or what Active Directory takes for one (`name@domain`). */
  async isPasswordOf(dn: string, password: string): Promise<boolean> {
    // An empty password is an anonymous bind, which succeeds (RFC 4513 §5.1.2), and the client library
    // takes a bare word such as EXTERNAL for the name of a SASL mechanism.
    if (password === '' || !/[=@\\]/.test(dn)) return false;
    const client = await this.#client('person');
    try {
      await run('bind', client.bind(dn, password));
      return true;
    } catch (error) {
      if (error instanceof LdapError && REFUSALS.has(error.fault.code)) return false;
      throw error;
    }
  }

  /** Opens the connection for passwords without sending one. */
  async connect(): Promise<void> {
    const client = await this.#client('person');
    await run('connect', client.bind('', ''));
  }

  close(): void {
    for (const { client } of this.#connections.values()) client.unbind().catch(() => {});
    this.#connections.clear();
  }

  /**
   * Never a client whose connection has ended: the library would open another one by itself, without
   * StartTLS and without the account that searches.
   */
  async #client(as: 'service' | 'person'): Promise<Client> {
    const known = this.#connections.get(as);
    if (known?.isOpen()) return known.client;
    if (known !== undefined) {
      throw new LdapError({ step: 'search', code: undefined, message: 'the connection has ended' });
    }
    const { startTls, bindDn, bindPassword } = this.#options;
    const connection = this.#open();
    this.#connections.set(as, connection);
    const { client } = connection;
    if (startTls) {
      await run('connect', client.startTLS(connection.tls));
      connection.guard.handleTls();
    }
    connection.tls.socket?.once('close', () => connection.handleClose());
    // Without an account the search is anonymous (RFC 4513 §5.1.1); the bind shows who answers.
    if (as === 'service') await run('bind', client.bind(bindDn, bindDn === '' ? '' : bindPassword));
    return client;
  }

  #open(): Connection & {
    readonly tls: ConnectionOptions;
    readonly guard: LdapGuard;
    handleClose(): void;
  } {
    const { timeoutMs } = this.#options;
    const tls = this.#tlsOptions();
    const isTls = this.url.startsWith('ldaps:');
    const client = new Client({
      url: this.url,
      timeout: timeoutMs,
      connectTimeout: timeoutMs,
      ...(isTls && { tlsOptions: tls }),
    });
    const guard = new LdapGuard(client);
    // After StartTLS the library does not see the end of the connection.
    let hasEnded = false;
    return {
      client,
      tls,
      guard,
      isOpen: () => client.isConnected && !hasEnded,
      handleClose: () => {
        hasEnded = true;
      },
    };
  }

  #tlsOptions(): ConnectionOptions {
    const { checkPeer, ciphers, authorities } = this.#options.tls;
    const host = new URL(this.url.replace(/^ldaps?:/, 'http:')).hostname;
    return {
      host,
      ...(isIP(host) === 0 && { servername: host }),
      minVersion: 'TLSv1.2',
      rejectUnauthorized: checkPeer,
      ...(ciphers !== undefined && { ciphers }),
      ...(authorities !== undefined && { ca: [...authorities] }),
    };
  }
}

/** What a directory answers when a password, a name or the state of an account is wrong. */
const REFUSALS: ReadonlySet<unknown> = new Set([
  LDAP_RESULT.invalidCredentials,
  LDAP_RESULT.noSuchObject,
  LDAP_RESULT.invalidDnSyntax,
  LDAP_RESULT.inappropriateAuthentication,
  LDAP_RESULT.unwillingToPerform,
]);

async function run<T>(step: LdapFault['step'], work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new LdapError(faultOf(step, error));
  }
}

function faultOf(step: LdapFault['step'], error: unknown): LdapFault {
  if (error instanceof ResultCodeError) return { step, code: error.code, message: error.message };
  const { code } = error as NodeJS.ErrnoException;
  return { step, code, message: error instanceof Error ? error.message : String(error) };
}
