/** From a provider's claims (OpenID Connect Core §5.1) to what a session token says about a person. */
import { asObject, type JsonObject } from './decode-token.ts';
import type { OidcClaimRules } from './oidc-options.ts';
import type { SessionHolder } from './session-claims.ts';

export type OidcPerson =
  | { readonly type: 'person'; readonly holder: SessionHolder }
  /** A sentence for the operator. */
  | { readonly type: 'refused'; readonly reason: string };

const MAX_LENGTH = 256;
const MAX_FEATURES = 64;

export function personFromClaims(claims: JsonObject, rules: OidcClaimRules): OidcPerson {
  const id = textOf(claims.sub);
  if (id === undefined) return { type: 'refused', reason: 'the provider names nobody (sub)' };
  const { allowedClaim, allowedValues, moderatorClaim, moderatorValues, featuresClaim } = rules;
  if (allowedClaim !== '' && !hasValue(claimAt(claims, allowedClaim), allowedValues)) {
    return {
      type: 'refused',
      reason: `the claim ${allowedClaim} (OIDC_ALLOWED_CLAIM) has none of OIDC_ALLOWED_VALUES`,
    };
  }
  const name = textOf(claims.name) ?? textOf(claims.preferred_username);
  // An address that nobody has confirmed could be somebody else's.
  const email = claims.email_verified === false ? undefined : textOf(claims.email);
  const avatar = textOf(claims.picture, 2048);
  const session = textOf(claims.sid);
  const features = featuresClaim === '' ? undefined : featuresOf(claimAt(claims, featuresClaim));
  return {
    type: 'person',
    holder: {
      provider: { subject: id, ...(session !== undefined && { session }) },
      user: {
        id,
        ...(name !== undefined && { name }),
        ...(email !== undefined && { email }),
        ...(avatar !== undefined && { avatar }),
      },
      isModerator:
        moderatorClaim === ''
          ? undefined
          : hasValue(claimAt(claims, moderatorClaim), moderatorValues),
      features,
    },
  };
}

/** A name with colons and dots is first looked up as it is: `https://example.com/roles`. */
function claimAt(claims: JsonObject, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const step of path.split('.')) {
    const object = asObject(value);
    if (object === undefined || !Object.hasOwn(object, step)) return undefined;
    value = object[step];
  }
  return value;
}

/** One value or a list; without values to look for, `true` is what counts. */
function hasValue(value: unknown, wanted: readonly string[]): boolean {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (wanted.length === 0) return values.some((one) => one === true || one === 'true');
  return values.some((one) => wanted.includes(String(one)));
}

function featuresOf(value: unknown): Readonly<Record<string, boolean>> {
  const entries: readonly (readonly [unknown, unknown])[] = Array.isArray(value)
    ? value.map((name: unknown) => [name, true] as const)
    : Object.entries(asObject(value) ?? {});
  const features: Record<string, boolean> = {};
  for (const [name, isOn] of entries.slice(0, MAX_FEATURES)) {
    if (typeof name !== 'string' || !/^[a-z][a-z-]{0,63}$/.test(name)) continue;
    features[name] = isOn === true || isOn === 'true';
  }
  return features;
}

function textOf(value: unknown, maxLength = MAX_LENGTH): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= maxLength ? value : undefined;
}
