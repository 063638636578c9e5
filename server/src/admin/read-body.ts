/** The JSON body of a request, bounded. */
import type { IncomingMessage } from 'node:http';
import { Refusal } from './operation.ts';

const MAX_BYTES = 16 * 1024;

/** Nothing at all counts as `{}`. Throws Refusal. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BYTES) throw new Refusal(413, `The body is longer than ${MAX_BYTES} bytes.`);
    chunks.push(chunk);
  }
  if (length === 0) return {};
  const type = request.headers['content-type'] ?? '';
  // A page in a browser cannot send this type elsewhere without being asked first.
  if (!/^application\/json(?:\s*;|$)/i.test(type)) {
    throw new Refusal(415, 'Send the body as application/json.');
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new Refusal(400, 'The body is not JSON.');
  }
}
