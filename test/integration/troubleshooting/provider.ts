/** OpenID Connect providers: settings, and providers that cannot be asked. */
import { type Section, wrong } from './wrong-configuration.ts';

const OIDC = {
  ENABLE_AUTH: '1',
  AUTH_TYPE: 'oidc',
  PUBLIC_URL: 'https://meet.example.com',
  OIDC_ISSUER: 'https://login.example.com/school',
  OIDC_CLIENT_ID: 'conclave',
};

export const PROVIDER_SETTINGS: Section = {
  title: 'OpenID Connect',
  shownBy: 'the start, which stops',
  settings: OIDC,
  entries: [
    wrong('No provider', 'OIDC_ISSUER', 'expected the address of the provider', {
      OIDC_ISSUER: '',
      OIDC_CLIENT_ID: '',
    }),
    wrong('A client, but no provider', 'OIDC_ISSUER', 'OIDC_CLIENT_ID without OIDC_ISSUER', {
      AUTH_TYPE: 'jwt',
      JWT_APP_ID: 'a',
      JWT_APP_SECRET: 'secret',
      OIDC_ISSUER: '',
    }),
    wrong('No client', 'OIDC_CLIENT_ID', 'expected our name at the provider', {
      OIDC_CLIENT_ID: '',
    }),
    wrong('A provider without encryption', 'OIDC_ISSUER', 'is not encrypted: expected https://', {
      OIDC_ISSUER: 'http://login.example.com',
    }),
    wrong(
      'The discovery document instead of the provider',
      'OIDC_ISSUER',
      'expected what comes before /.well-known/',
      { OIDC_ISSUER: 'https://login.example.com/.well-known/openid-configuration' },
    ),
    wrong(
      'No address to come back to',
      'PUBLIC_URL',
      'the address that the provider sends people back to',
      { PUBLIC_URL: '' },
    ),
    wrong('Scopes without openid', 'OIDC_SCOPES', 'OIDC_SCOPES lacks openid', {
      OIDC_SCOPES: 'profile email',
    }),
    wrong('Values of no claim', 'OIDC_MODERATOR_CLAIM', 'expected the claim they are values of', {
      OIDC_MODERATOR_VALUES: 'teachers',
    }),
    wrong('A claim without values', 'OIDC_ALLOWED_CLAIM', 'expected both or none', {
      OIDC_ALLOWED_CLAIM: 'hd',
    }),
  ],
};

export const PROVIDER_UNAVAILABLE: Section = {
  title: 'A provider that cannot be asked',
  shownBy: 'the log at the start',
  settings: { ...OIDC, NODE_EXTRA_CA_CERTS: '{authority}' },
  entries: [
    wrong('Nothing listens there', 'OIDC_ISSUER', 'nothing listens at OIDC_ISSUER', {
      OIDC_ISSUER: 'https://localhost:{closedPort}',
    }),
    wrong('A name that does not exist', 'OIDC_ISSUER', 'the name in OIDC_ISSUER is not known', {
      OIDC_ISSUER: 'https://no-such-host.invalid',
    }),
    wrong(
      'A certificate from an unknown authority',
      'NODE_EXTRA_CA_CERTS',
      'is not from a known authority',
      { OIDC_ISSUER: '{provider}', NODE_EXTRA_CA_CERTS: '' },
    ),
    wrong(
      'A part of the address is missing',
      'OIDC_ISSUER',
      'there is no discovery document at OIDC_ISSUER',
      { OIDC_ISSUER: '{provider}/elsewhere' },
    ),
    wrong(
      'The address of something else',
      'OIDC_ISSUER',
      'does not answer as an OpenID Connect provider',
      { OIDC_ISSUER: '{provider}/page' },
    ),
    wrong(
      'Another name than it gives itself',
      'OIDC_ISSUER',
      'the provider calls itself otherwise',
      { OIDC_ISSUER: '{provider}/other-name' },
    ),
  ],
};
