/** GET for keys: little time, few bytes, and no redirects, which could lead into the own network. */

export type FetchedDocument =
  | { readonly type: 'document'; readonly text: string; readonly maxAgeS: number | undefined }
  /** The server says there is no such key. */
  | { readonly type: 'absent' }
  | { readonly type: 'error'; readonly reason: string };

export async function fetchDocument(
  url: string,
  limits: { readonly timeoutMs: number; readonly maxBytes: number },
): Promise<FetchedDocument> {
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(limits.timeoutMs),
      headers: { accept: 'application/json, application/x-pem-file, text/plain, */*' },
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      if (response.status === 404 || response.status === 410) return { type: 'absent' };
      const isRedirect = response.status >= 300 && response.status < 400;
      const what = isRedirect ? 'redirects, which is not followed' : `answers ${response.status}`;
      return { type: 'error', reason: `the key server ${what}` };
    }
    const text = await readText(response, limits.maxBytes);
    if (text === undefined) {
      return { type: 'error', reason: `the answer is longer than ${limits.maxBytes} bytes` };
    }
    const maxAge = /max-age=(\d{1,9})/.exec(response.headers.get('cache-control') ?? '')?.[1];
    return { type: 'document', text, maxAgeS: maxAge === undefined ? undefined : Number(maxAge) };
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    const isLate = error instanceof Error && error.name === 'TimeoutError';
    const reason = isLate ? `no answer within ${limits.timeoutMs} ms` : String(cause);
    return { type: 'error', reason };
  }
}

/** The body, or undefined when it is longer. */
export async function readText(response: Response, maxBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (response.body === null) return '';
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxBytes) return undefined; // leaving the loop cancels the transfer
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
