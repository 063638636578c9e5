/** A provider of OpenID Connect for a server of ours that has not started yet: each must know the other's address. */
import type { TestAuthority } from '../directory/authority.ts';
import { CLIENT, type People, TestProvider } from './test-provider.ts';

export interface ProviderForServer {
  readonly provider: TestProvider;
  /** What our server needs to send people there; teachers lead. */
  readonly environment: Readonly<Record<string, string>>;
}

/** `httpsPort`: where our server will be reached, as localhost. Its certificate belongs into `provider.trusted` when it runs. */
export async function providerFor(
  httpsPort: number,
  authority: TestAuthority,
  people: People,
): Promise<ProviderForServer> {
  const origin = `https://localhost:${httpsPort}`;
  const certificate = authority.issue('provider', 'DNS:localhost');
  const callbacks = [`${origin}/login/oidc/callback`];
  const provider = await TestProvider.start(certificate, callbacks, people);
  return {
    provider,
    environment: {
      ENABLE_AUTH: '1',
      AUTH_TYPE: 'oidc',
      PUBLIC_URL: origin,
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: CLIENT.id,
      OIDC_CLIENT_SECRET: CLIENT.secret,
      OIDC_NAME: 'Example School',
      OIDC_MODERATOR_CLAIM: 'groups',
      OIDC_MODERATOR_VALUES: 'teachers',
      NODE_EXTRA_CA_CERTS: authority.certFile,
    },
  };
}
