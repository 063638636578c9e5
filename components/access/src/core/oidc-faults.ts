/** Why a log-in at a provider failed, as a sentence that names the setting and the remedy. */

/** What went wrong as the client library and Node.js say it, the cause of the cause included. */
export interface OidcFault {
  /** `OAUTH_…`, `ECONNREFUSED`, `CERT_HAS_EXPIRED` … */
  readonly code: string | undefined;
  readonly message: string;
  /** `invalid_client`, `invalid_grant` …: what the provider answered. */
  readonly oauthError: string | undefined;
  readonly status: number | undefined;
}

export type OidcFailureKind =
  /** The provider does not answer, or not as a provider does. */
  | 'unavailable'
  /** The settings here and there do not fit. */
  | 'misconfigured'
  /** This log-in is wrong: forged, replayed, too old, or cancelled. */
  | 'refused';

export interface OidcFailure {
  readonly kind: OidcFailureKind;
  readonly reason: string;
}

export function explainOidcFault(fault: OidcFault): OidcFailure {
  const { code, message, oauthError, status } = fault;
  const text = `${code ?? ''} ${message}`;
  const provider = explainAnswer(oauthError);
  if (provider !== undefined) return provider;
  if (/JWT_TIMESTAMP_CHECK/.test(text)) {
    return misconfigured(
      'its ID token is too old or not valid yet: correct the clock of this machine or of the provider',
    );
  }
  if (/issuer|"iss"/i.test(text) && /COMPARISON|unexpected|mismatch/i.test(text)) {
    return misconfigured(
      'the provider calls itself otherwise: write OIDC_ISSUER exactly as "issuer" stands in its discovery document, slash at the end included',
    );
  }
  if (/"aud"/.test(text)) {
    return misconfigured('its ID token is for another client: correct OIDC_CLIENT_ID');
  }
  if (
    /CLAIM_COMPARISON|nonce|state|authorization code|KEY_SELECTION|signature verification/i.test(
      text,
    )
  ) {
    return { kind: 'refused', reason: `the answer does not belong to this log-in (${message})` };
  }
  return { kind: 'unavailable', reason: connectionRemedy(text, status) };
}

function explainAnswer(oauthError: string | undefined): OidcFailure | undefined {
  switch (oauthError) {
    case undefined:
      return undefined;
    case 'invalid_client':
    case 'unauthorized_client':
      return misconfigured(
        'it does not accept OIDC_CLIENT_ID with OIDC_CLIENT_SECRET: correct them',
      );
    case 'invalid_scope':
      return misconfigured('it does not know one of OIDC_SCOPES: correct them');
    case 'redirect_uri_mismatch':
      return misconfigured(
        'it does not know our address: register PUBLIC_URL with /login/oidc/callback there',
      );
    case 'invalid_grant':
      return { kind: 'refused', reason: 'the code was used before, or too late' };
    case 'access_denied':
    case 'login_required':
    case 'interaction_required':
      return { kind: 'refused', reason: 'the log-in was cancelled or not allowed at the provider' };
    case 'temporarily_unavailable':
    case 'server_error':
      return {
        kind: 'unavailable',
        reason: 'the provider has trouble of its own: try again later',
      };
    default:
      return { kind: 'refused', reason: `the provider answers ${oauthError.slice(0, 64)}` };
  }
}

function misconfigured(reason: string): OidcFailure {
  return { kind: 'misconfigured', reason };
}

function connectionRemedy(text: string, status: number | undefined): string {
  if (
    /SELF_SIGNED|UNABLE_TO_GET_ISSUER|UNABLE_TO_VERIFY|DEPTH_ZERO|self-signed|local issuer/.test(
      text,
    )
  ) {
    return 'the certificate at OIDC_ISSUER is not from a known authority: start with NODE_EXTRA_CA_CERTS=/path/ca.pem';
  }
  if (/CERT_HAS_EXPIRED/.test(text))
    return 'the certificate at OIDC_ISSUER has expired: renew it there';
  if (/ALTNAME_INVALID/.test(text)) {
    return 'the certificate at OIDC_ISSUER is for another name: correct OIDC_ISSUER';
  }
  if (/ENOTFOUND|EAI_AGAIN/.test(text)) return 'the name in OIDC_ISSUER is not known: correct it';
  if (/ECONNREFUSED|EHOSTUNREACH|ENETUNREACH/.test(text)) {
    return 'nothing listens at OIDC_ISSUER: correct it, or start the provider';
  }
  if (/TIMEOUT|timed? ?out|aborted/i.test(text)) {
    return 'OIDC_ISSUER does not answer in time: look after the provider and the network to it';
  }
  if (status === 404) {
    return 'there is no discovery document at OIDC_ISSUER (/.well-known/openid-configuration): correct it';
  }
  if (/too long/.test(text))
    return 'OIDC_ISSUER answers with more than a provider would: correct it';
  if (
    /NOT_JSON|NOT_CONFORM|PARSE_ERROR|INVALID_SERVER_METADATA|MISSING_SERVER_METADATA/.test(text) ||
    status !== undefined
  ) {
    return `OIDC_ISSUER does not answer as an OpenID Connect provider${status === undefined ? '' : ` (HTTP ${status})`}: correct it`;
  }
  return `OIDC_ISSUER cannot be asked (${text.trim().slice(0, 160)})`;
}
