/** Asks the admin API of the server on this machine: its port and secret are found as the server sets them. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type CommandContext, UsageError } from './command.ts';

/** The server refused, or is not there; the message says what to do. */
export class AdminError extends Error {}

const TIMEOUT_MS = 10_000;

export async function askServer(
  context: CommandContext,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<unknown> {
  const { url, secret } = readAdminSettings(context);
  let response: Response;
  try {
    response = await fetch(`${url}${path}`, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        authorization: `Bearer ${secret}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    throw new AdminError(
      `no answer at ${url} (${String(cause)}). Is the server running with ADMIN_API_ENABLED=1?`,
    );
  }
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  const detail = (answer as { readonly detail?: unknown } | undefined)?.detail;
  throw new AdminError(
    typeof detail === 'string'
      ? detail
      : `${url} answered ${response.status}: is it this server, with ADMIN_API_ENABLED=1?`,
  );
}

function readAdminSettings({ environment, file }: CommandContext) {
  const get = (name: string) => environment[name]?.trim() || file[name]?.trim() || undefined;
  const config = get('CONFIG') ?? '~/.conclave';
  const folder = /^~(?:\/|$)/.test(config) ? join(homedir(), config.slice(1)) : resolve(config);
  const address = get('PRIVATE_ADDRESS') ?? '127.0.0.1';
  // All addresses: this machine's own is one of them.
  const isAll = address === '0.0.0.0' || address === '::';
  const host = isAll ? '127.0.0.1' : address.includes(':') ? `[${address}]` : address;
  const path = join(folder, 'admin-token');
  try {
    const secret = readFileSync(path, 'utf8').trim();
    return { url: `http://${host}:${get('JVB_COLIBRI_PORT') ?? '8080'}`, secret };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      code === 'ENOENT'
        ? `there is no ${path}: start the server with ADMIN_API_ENABLED=1, which makes it, or set CONFIG as for the server.`
        : `cannot read ${path} (${code}): run this as the user of the server.`,
    );
  }
}
