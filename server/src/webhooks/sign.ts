/** Signatures of webhooks (Standard Webhooks 1.0: HMAC-SHA256 over id, time and body). */
import { createHmac } from 'node:crypto';
import type { RandomSource } from '@conclave/base';

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;

/** `whsec_` and base64, as receivers' libraries take it. */
export function createWebhookSecret(random: RandomSource): string {
  return PREFIX + Buffer.from(random.bytes(SECRET_BYTES)).toString('base64');
}

/** The bytes of a secret; one without the prefix is taken as text. */
export function secretBytes(secret: string): Uint8Array {
  return secret.startsWith(PREFIX)
    ? Buffer.from(secret.slice(PREFIX.length), 'base64')
    : Buffer.from(secret, 'utf8');
}

/** The headers that go with `body`. */
export function signedHeaders(
  secret: Uint8Array,
  id: string,
  timestampS: number,
  body: string,
): Readonly<Record<string, string>> {
  const signature = createHmac('sha256', secret)
    .update(`${id}.${timestampS}.${body}`)
    .digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampS),
    'webhook-signature': `v1,${signature}`,
  };
}
