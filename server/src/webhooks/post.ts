/** Sends one webhook: signed, with little time, and without following redirects wherever they lead. */
import type { Clock } from '@conclave/base';
import type { PostWebhook } from './endpoint.ts';
import { signedHeaders } from './sign.ts';

const TIMEOUT_MS = 10_000;

export function createPost(clock: Clock, secret: Uint8Array): PostWebhook {
  return async (url, { id, body }) => {
    const timestampS = Math.floor(clock.wallMs() / 1000);
    try {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Conclave',
          ...signedHeaders(secret, id, timestampS, body),
        },
        body,
      });
      // What it says is of no interest, however long it is.
      await response.body?.cancel();
      return response.status;
    } catch (error) {
      const cause = error instanceof Error ? (error.cause ?? error) : error;
      return String(cause);
    }
  };
}
