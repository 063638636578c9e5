/** The settings of OpenID Connect; docker-jitsi-meet has none, so the names are ours. */
import { url } from './address-kinds.ts';
import { integer, secret, text, textList } from './value-kinds.ts';

const group = 'OpenID Connect';

export const OIDC_SETTINGS = {
  OIDC_ISSUER: url({
    group,
    sentence:
      'Provider that people log in with, besides what AUTH_TYPE says; exactly as it names itself.',
  }),
  OIDC_CLIENT_ID: text({ group, sentence: 'Our name at the provider.' }),
  OIDC_CLIENT_SECRET: secret({ group, sentence: 'Our secret there; empty for a public client.' }),
  OIDC_NAME: text({
    group,
    default: 'your organisation',
    sentence: 'What the button says after "Log in with".',
  }),
  OIDC_SCOPES: text({
    group,
    default: 'openid profile email',
    sentence: 'What is asked of the provider, separated by spaces.',
  }),
  OIDC_MODERATOR_CLAIM: text({
    group,
    sentence:
      'Claim that tells who leads, such as groups or realm_access.roles; everybody else then does not. Empty: the provider has no say in this.',
  }),
  OIDC_MODERATOR_VALUES: textList({
    group,
    sentence: 'Values of that claim that make a moderator; true when empty.',
  }),
  OIDC_FEATURES_CLAIM: text({
    group,
    sentence: 'Claim with the features a person may use, as a list of names or switches.',
  }),
  OIDC_ALLOWED_CLAIM: text({
    group,
    sentence:
      'Claim that people must have to log in at all, such as hd at Google; empty: everybody there.',
  }),
  OIDC_ALLOWED_VALUES: textList({
    group,
    sentence: 'Values of that claim, of which one is enough.',
  }),
  LOGIN_LIFETIME: integer({
    group: 'Who may enter',
    default: 28800,
    min: 300,
    max: 2592000,
    unit: 'of seconds',
    sentence: 'How long a log-in on our own page is good.',
  }),
} as const;
