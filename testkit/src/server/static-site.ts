/** A tiny web site on localhost for pages that are not the server's own. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';

/** What to serve at a path: text itself or a file, with its media type. */
export type SiteEntry =
  | { readonly type: string; readonly text: string }
  | { readonly type: string; readonly file: URL };

export class StaticSite {
  /** Without a slash at the end; localhost counts as a secure context. */
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://localhost:${port}`;
  }

  /** Serves `entries`, keyed by path without query, on localhost unless another `host` is given. */
  static async start(
    entries: Readonly<Record<string, SiteEntry>>,
    host = 'localhost',
  ): Promise<StaticSite> {
    const server = createServer(async (incoming, response) => {
      const path = new URL(incoming.url ?? '/', 'http://localhost').pathname;
      const entry = entries[path];
      if (entry === undefined) {
        response.writeHead(404).end();
        return;
      }
      const body = 'text' in entry ? entry.text : await readFile(entry.file);
      response
        .writeHead(200, { 'content-type': entry.type, 'cache-control': 'no-store' })
        .end(body);
    });
    server.listen(0, host);
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port for the site');
    return new StaticSite(server, address.port);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
