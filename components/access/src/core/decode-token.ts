/** A compact JWS (RFC 7515 §7.1) taken apart, without belief in what it says. */
import { isJsonObject } from '@conclave/base';

export type JsonObject = Readonly<Record<string, unknown>>;

export type DecodedToken =
  | { readonly type: 'token'; readonly header: JsonObject; readonly claims: JsonObject }
  | { readonly type: 'error'; readonly text: string };

/** Characters; what the web server takes in a URL. */
export const MAX_TOKEN_LENGTH = 12_288;

export function decodeToken(token: string): DecodedToken {
  if (token.length > MAX_TOKEN_LENGTH) return { type: 'error', text: 'Invalid token' };
  const parts = token.split('.');
  const [headerText = '', claimsText = '', signature = ''] = parts;
  if (parts.length !== 3 || signature === '' || !/^[\w-]+$/.test(signature)) {
    return { type: 'error', text: 'Invalid token' };
  }
  const header = jsonFromBase64Url(headerText);
  if (header === undefined) return { type: 'error', text: 'Invalid header' };
  const claims = jsonFromBase64Url(claimsText);
  if (claims === undefined) return { type: 'error', text: 'Invalid body' };
  return { type: 'token', header, claims };
}

function jsonFromBase64Url(text: string): JsonObject | undefined {
  if (!/^[\w-]+$/.test(text)) return undefined;
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    return asObject(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch {
    return undefined;
  }
}

export function asObject(value: unknown): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined;
}
