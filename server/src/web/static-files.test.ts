import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StaticFiles } from './static-files.ts';

let folder: string;
let files: StaticFiles;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conclave-static-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'assets/a.js'), 'plain');
  writeFileSync(join(folder, 'assets/a.js.br'), 'brotli');
  writeFileSync(join(folder, 'b.txt'), 'text');
  files = new StaticFiles(folder, { immutablePrefix: '/assets/' });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As much of a response as the code under test uses. */
class FakeResponse extends Writable {
  status = 0;
  body = '';
  readonly headers = new Map<string, unknown>();

  setHeader(name: string, value: unknown): void {
    this.headers.set(name.toLowerCase(), value);
  }

  removeHeader(name: string): void {
    this.headers.delete(name.toLowerCase());
  }

  writeHead(status: number): this {
    this.status = status;
    return this;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.body += chunk.toString();
    done();
  }
}

/** Resolves when answered, or with `otherwise` called. */
async function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const response = new FakeResponse();
  const request = { headers, method, socket: new PassThrough() } as unknown as IncomingMessage;
  const otherwise = await new Promise<boolean>((resolve) => {
    response.on('finish', () => resolve(false));
    files.serve(path, request, response as unknown as ServerResponse, () => resolve(true));
  });
  return { otherwise, response };
}

describe('StaticFiles', () => {
  test('sends a file with its type and length', async () => {
    const { response } = await get('/b.txt');
    expect([response.status, response.body]).toEqual([200, 'text']);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(response.headers.get('content-length')).toBe(4);
    expect(response.headers.get('cache-control')).toBe('no-cache');
  });

  test('sends the compressed variant to those who take it', async () => {
    const { response } = await get('/assets/a.js', { 'accept-encoding': 'gzip, br' });
    expect(response.body).toBe('brotli');
    expect(response.headers.get('content-encoding')).toBe('br');
    expect(response.headers.get('content-type')).toContain('javascript');
    expect(response.headers.get('cache-control')).toContain('immutable');
    expect((await get('/assets/a.js', { 'accept-encoding': 'gzip' })).response.body).toBe('plain');
  });

  test('HEAD has everything but the body', async () => {
    const { response } = await get('/b.txt', {}, 'HEAD');
    expect([response.status, response.body]).toEqual([200, '']);
    expect(response.headers.get('content-length')).toBe(4);
  });

  test('does not send again what the client has', async () => {
    const etag = String((await get('/b.txt')).response.headers.get('etag'));
    const { response } = await get('/b.txt', { 'if-none-match': etag });
    expect([response.status, response.body]).toEqual([304, '']);
  });

  test.each([
    '/none',
    '/',
    '/assets',
    '/assets/',
    '/../b.txt',
    '/assets/../b.txt',
    '//b.txt',
    '/B.TXT',
  ])('%s is not a file', async (path) => {
    expect((await get(path)).otherwise).toBe(true);
  });

  test('a file that went away after the start is nothing, and ends nothing', async () => {
    rmSync(join(folder, 'assets'), { recursive: true });
    const { otherwise, response } = await get('/assets/a.js', { 'accept-encoding': 'br' });
    expect(otherwise).toBe(true);
    expect(response.status).toBe(0);
    expect(response.headers.has('content-encoding')).toBe(false);
    expect(response.headers.has('cache-control')).toBe(false);
  });
});
