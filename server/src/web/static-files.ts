/**
 * Files of a folder over HTTP: the list is read once, so nothing outside of it can be asked for;
 * contents are read when asked for. A file that went away meanwhile (a new build) is an ordinary 404.
 */
import { type createReadStream, readdirSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream';

interface StoredFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly etag: string;
}

interface Variant {
  readonly file: StoredFile;
  /** Content-Encoding, or undefined for the file as it is. */
  readonly encoding: 'br' | 'gzip' | undefined;
}

const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  gif: 'image/gif',
  html: 'text/html; charset=utf-8',
  ico: 'image/x-icon',
  jpg: 'image/jpeg',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json; charset=utf-8',
  map: 'application/json; charset=utf-8',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  opus: 'audio/ogg',
  png: 'image/png',
  svg: 'image/svg+xml; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  wasm: 'application/wasm',
  wav: 'audio/wav',
  webmanifest: 'application/manifest+json; charset=utf-8',
  webp: 'image/webp',
  woff2: 'font/woff2',
};

export class StaticFiles {
  readonly #files = new Map<string, StoredFile>();
  /** Paths below this one never change their content. */
  readonly #immutablePrefix: string;

  /** Reads the list of files in `folder`; throws when there is no such folder. */
  constructor(folder: string, options: { readonly immutablePrefix: string }) {
    this.#immutablePrefix = options.immutablePrefix;
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const { size, mtimeMs } = statSync(path);
      const url = `/${relative(folder, path).split('\\').join('/')}`;
      const etag = `"${size.toString(36)}-${Math.trunc(mtimeMs).toString(36)}"`;
      this.#files.set(url, { path, sizeBytes: size, etag });
    }
  }

  /**
   * Answers when the decoded `path` is a file; else, or when it went away, calls `otherwise`.
   * Compressed files beside it (`.br`, `.gz`) are sent to clients that take them.
   */
  serve(
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
    otherwise: () => void,
  ): void {
    const variant = this.#choose(path, String(request.headers['accept-encoding'] ?? ''));
    if (variant === undefined) {
      otherwise();
      return;
    }
    const { file, encoding } = variant;
    const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
    response.setHeader('Content-Type', TYPES[extension] ?? 'application/octet-stream');
    response.setHeader('ETag', file.etag);
    response.setHeader('Vary', 'Accept-Encoding');
    response.setHeader(
      'Cache-Control',
      path.startsWith(this.#immutablePrefix) ? 'public, max-age=31536000, immutable' : 'no-cache',
    );
    if (request.headers['if-none-match'] === file.etag) {
      response.writeHead(304).end();
      return;
    }
    if (encoding !== undefined) response.setHeader('Content-Encoding', encoding);
    if (request.method === 'HEAD') {
      response.setHeader('Content-Length', file.sizeBytes);
      response.writeHead(200).end();
      return;
    }
    this.#send(file, request, response, otherwise).catch(() => response.destroy());
  }

  #choose(path: string, accepted: string): Variant | undefined {
    const file = this.#files.get(path);
    if (file === undefined) return undefined;
    for (const [encoding, suffix] of ENCODINGS) {
      const compressed = this.#files.get(path + suffix);
      if (compressed !== undefined && accepted.includes(encoding)) {
        return { file: compressed, encoding };
      }
    }
    return { file, encoding: undefined };
  }

  async #send(
    file: StoredFile,
    { socket }: IncomingMessage,
    response: ServerResponse,
    otherwise: () => void,
  ): Promise<void> {
    let size: number;
    let stream: ReturnType<typeof createReadStream>;
    try {
      const handle = await open(file.path);
      try {
        ({ size } = await handle.stat());
        stream = handle.createReadStream();
      } catch (error) {
        await handle.close();
        throw error;
      }
    } catch {
      for (const name of ['ETag', 'Cache-Control', 'Content-Encoding', 'Content-Type']) {
        response.removeHeader(name);
      }
      otherwise();
      return;
    }
    // A response that waits for others of its connection does not learn of the connection's end.
    const abandon = () => stream.destroy();
    socket.once('close', abandon);
    stream.once('close', () => socket.off('close', abandon));
    if (socket.destroyed) stream.destroy();
    response.setHeader('Content-Length', size);
    response.writeHead(200);
    // An error after the headers can only end the connection, which `pipeline` does.
    pipeline(stream, response, () => {});
  }
}
