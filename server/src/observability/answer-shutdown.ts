/** `POST /colibri/shutdown`, as Jitsi's bridge has it: the whole server ends, at once or when the last meeting is over. */
import type { IncomingMessage } from 'node:http';
import { Refusal } from '../admin/operation.ts';
import { readBody } from '../admin/read-body.ts';
import { type PrivateAnswer, TEXT } from './private-answer.ts';

const EXPECTED = 'Send {"graceful-shutdown": true}, or false.\n';

export async function answerShutdown(
  request: IncomingMessage,
  shutDown: (isGraceful: boolean) => void,
): Promise<PrivateAnswer> {
  if (request.method !== 'POST') {
    const headers = { Allow: 'POST', Connection: 'close' };
    return { status: 405, type: TEXT, body: 'Only POST is possible here.\n', headers };
  }
  try {
    const isGraceful = gracefulShutdown(await readBody(request));
    if (isGraceful === undefined) return { status: 400, type: TEXT, body: EXPECTED };
    // After the answer.
    setImmediate(() => shutDown(isGraceful));
    return { status: 200, type: TEXT, body: '' };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { status: error.status, type: TEXT, body: `${error.message}\n` };
  }
}

/** Scripts for Jitsi's bridge send it as a text. */
function gracefulShutdown(body: unknown): boolean | undefined {
  const value =
    typeof body === 'object' && body !== null && 'graceful-shutdown' in body
      ? body['graceful-shutdown']
      : undefined;
  if (value === true || value === 'true') return true;
  return value === false || value === 'false' ? false : undefined;
}
