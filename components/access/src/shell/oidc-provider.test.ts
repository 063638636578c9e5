/** What a provider is known to be, and for how long. */
import { ManualClock } from '@conclave/testkit';
import { afterEach, expect, test, vi } from 'vitest';
import { OidcProvider } from './oidc-provider.ts';

const ISSUER = 'https://id.example.org';
const DOCUMENT = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  jwks_uri: `${ISSUER}/keys`,
};

function openProvider(clock: ManualClock): OidcProvider {
  return new OidcProvider(clock, {
    issuer: ISSUER,
    clientId: 'conclave',
    clientSecret: '',
    scopes: 'openid',
    redirectUri: 'https://meet.example.org/oidc/callback',
    afterLogoutUri: 'https://meet.example.org/',
    claims: {
      moderatorClaim: '',
      moderatorValues: [],
      featuresClaim: '',
      allowedClaim: '',
      allowedValues: [],
    },
    timeoutMs: 1_000,
  });
}

afterEach(() => {
  vi.unstubAllGlobals();
});

test('what a provider said holds while it cannot say it again', async () => {
  let isDown = true;
  let asked = 0;
  vi.stubGlobal('fetch', async () => {
    asked++;
    return isDown ? new Response('busy', { status: 500 }) : Response.json(DOCUMENT);
  });
  const clock = new ManualClock();
  const provider = openProvider(clock);
  await expect(provider.begin('/', false)).rejects.toThrow();
  isDown = false;
  clock.advance(2_001);
  const begin = async () => (await provider.begin('/', false)).url.pathname;
  expect([await begin(), await begin(), asked]).toEqual(['/authorize', '/authorize', 2]);
  isDown = true;
  clock.advance(3_600_001);
  expect([await begin(), await begin(), asked]).toEqual(['/authorize', '/authorize', 3]);
  // It is asked again soon, but not with each log-in.
  clock.advance(2_001);
  expect([await begin(), asked]).toEqual(['/authorize', 4]);
});
