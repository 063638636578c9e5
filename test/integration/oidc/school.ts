/** A school: its provider over HTTPS with three people, and a server that sends them there to log in. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestAuthority } from '../directory/authority.ts';
import { freeTcpPort, ServerProcess } from '../server-process.ts';
import { CookieBrowser, type Page } from './cookie-browser.ts';
import { providerFor } from './provider-for.ts';
import type { TestProvider } from './test-provider.ts';

const PEOPLE = {
  ada: { name: 'Ada Lovelace', email: 'ada@school.example', groups: ['teachers', 'staff'] },
  grace: { name: 'Grace <script>', groups: ['pupils'], tools: ['recording', 'no such THING'] },
  mallory: { name: 'Mallory', groups: ['strangers'] },
};

export class School {
  readonly provider: TestProvider;
  readonly server: ServerProcess;
  /** The address of our server. */
  readonly origin: string;
  /** Every token that somebody got. */
  readonly tokens: string[] = [];
  readonly #folder: string;
  readonly #authority: TestAuthority;

  private constructor(
    folder: string,
    authority: TestAuthority,
    provider: TestProvider,
    server: ServerProcess,
  ) {
    this.#folder = folder;
    this.#authority = authority;
    this.provider = provider;
    this.server = server;
    this.origin = `https://localhost:${server.httpsPort}`;
  }

  static async open(): Promise<School> {
    const folder = mkdtempSync(join(tmpdir(), 'conclave-oidc-'));
    const authority = new TestAuthority(folder, 'authority');
    const httpsPort = await freeTcpPort();
    const { provider, environment } = await providerFor(httpsPort, authority, PEOPLE);
    const server = await ServerProcess.start({
      httpsPort,
      environment: {
        ...environment,
        OIDC_FEATURES_CLAIM: 'tools',
        OIDC_ALLOWED_CLAIM: 'groups',
        OIDC_ALLOWED_VALUES: 'teachers,pupils',
        LOG_LEVEL: 'debug',
      },
    });
    provider.trusted = server.certificate;
    return new School(folder, authority, provider, server);
  }

  /** What a test changed at the provider is undone. */
  reset(): void {
    this.provider.account = 'ada';
    this.provider.intercept = () => false;
    this.provider.requests.length = 0;
  }

  async close(): Promise<void> {
    this.provider.close();
    await this.server.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  openBrowser(): CookieBrowser {
    return new CookieBrowser(() => [this.#authority.pem, this.server.certificate]);
  }

  /** Logs in as `account` and returns where it ended. */
  async logIn(
    account: string,
    path = '/login/oidc?room=daily',
    browser = this.openBrowser(),
  ): Promise<{ browser: CookieBrowser; page: Page; token: string }> {
    this.provider.account = account;
    const page = await browser.follow(`${this.origin}${path}`, this.isRoom);
    const { hash } = new URL(page.location ?? this.origin);
    const token = new URLSearchParams(hash.slice(1)).get('jwt') ?? '';
    if (token !== '') this.tokens.push(token);
    return { browser, page, token };
  }

  /** As far as the provider's answer, which is not yet handed in. */
  async upToCallback(browser: CookieBrowser): Promise<URL> {
    const isCallback = (url: URL) => this.#isOurs(url) && url.pathname === '/login/oidc/callback';
    const page = await browser.follow(`${this.origin}/login/oidc?room=daily`, isCallback);
    return new URL(page.location ?? '');
  }

  readonly isRoom = (url: URL): boolean => this.#isOurs(url) && url.hash !== '';

  #isOurs(url: URL): boolean {
    return url.origin === this.origin;
  }
}
