/**
 * A real OpenID Connect provider (`oidc-provider`) over HTTPS. Nobody types a password there: the
 * test says beforehand who is logging in. It can be slow, silent, or change what it answers.
 */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, type Server } from 'node:https';
import { type Context, Provider } from 'oidc-provider';
import type { IssuedCertificate } from '../directory/authority.ts';

export const CLIENT = { id: 'conclave', secret: 'provider-secret-that-no-log-may-hold' };

/** Claims of those who can log in, by account. */
export type People = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export class TestProvider {
  readonly issuer: string;
  /** Who logs in next; undefined cancels. */
  account: string | undefined = 'ada';
  /** Answers a request instead of the provider; returns false to leave it to it. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
  readonly requests: string[] = [];
  /** Of the server that it tells of log-outs, PEM. */
  trusted = '';
  #provider: Provider | undefined;
  readonly #server: Server;
  readonly #accounts: People;

  private constructor(server: Server, port: number, accounts: People) {
    this.#server = server;
    this.#accounts = accounts;
    this.issuer = `https://localhost:${port}`;
  }

  static async start(
    certificate: IssuedCertificate,
    redirectUris: readonly string[],
    accounts: People,
  ): Promise<TestProvider> {
    const cert = readFileSync(certificate.certFile);
    const key = readFileSync(certificate.keyFile);
    let handle: (request: IncomingMessage, response: ServerResponse) => void = () => {};
    const server = createServer({ cert, key }, (request, response) => handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const made = new TestProvider(server, port, accounts);
    handle = made.#createHandler(redirectUris);
    return made;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Says to the client that somebody has logged out: everywhere, or of one session. */
  async logOut(account: string, session?: string): Promise<void> {
    const client = await this.#provider?.Client.find(CLIENT.id);
    if (client === undefined) throw new Error('the provider has not started');
    client.backchannelLogoutSessionRequired = session !== undefined;
    await client.backchannelLogout(account, session).finally(() => {
      client.backchannelLogoutSessionRequired = true;
    });
  }

  #createHandler(redirectUris: readonly string[]) {
    const accounts = this.#accounts;
    const provider = new Provider(this.issuer, {
      clients: [
        {
          client_id: CLIENT.id,
          client_secret: CLIENT.secret,
          redirect_uris: redirectUris,
          post_logout_redirect_uris: redirectUris.map((uri) => `${new URL(uri).origin}/`),
          token_endpoint_auth_method: 'client_secret_post',
          backchannel_logout_uri: `${new URL(redirectUris[0] ?? '').origin}/login/oidc/backchannel-logout`,
          backchannel_logout_session_required: true,
        },
      ],
      pkce: { required: () => true },
      claims: { openid: ['sub'], profile: ['name', 'groups', 'tools'], email: ['email'] },
      cookies: { keys: ['only for this test'] },
      features: {
        devInteractions: { enabled: false },
        rpInitiatedLogout: { enabled: true },
        backchannelLogout: { enabled: true },
      },
      httpOptions: () => ({ agent: new Agent({ ca: this.trusted }) }),
      interactions: { url: () => '/interaction' },
      findAccount: (_: unknown, id: string) => ({
        accountId: id,
        claims: () => ({ sub: id, ...accounts[id] }),
      }),
      loadExistingGrant: async (context: Context) => {
        const { client, session } = context.oidc;
        const about = { clientId: client.clientId, accountId: session.accountId };
        // A new one each time would end the codes of the one before.
        const known = session.grantIdFor(client.clientId);
        if (known !== undefined) return context.oidc.provider.Grant.find(known);
        const grant = new context.oidc.provider.Grant(about);
        grant.addOIDCScope('openid profile email');
        await grant.save();
        return grant;
      },
    });
    this.#provider = provider;
    const answer = provider.callback();
    return (request: IncomingMessage, response: ServerResponse) => {
      this.requests.push(`${request.method} ${request.url}`);
      if (this.intercept(request, response)) return;
      if (request.url !== '/interaction') {
        answer(request, response);
        return;
      }
      const { account } = this;
      const result =
        account === undefined
          ? { error: 'access_denied', error_description: 'cancelled' }
          : { login: { accountId: account } };
      provider.interactionFinished(request, response, result).catch((error: unknown) => {
        response.writeHead(500).end(String(error));
      });
    };
  }
}
