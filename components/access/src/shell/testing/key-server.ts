/** A key server with good keys and with all the trouble it can make. Only for tests. */
import { createHash, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ec, ed, encode, otherRsa, rsa, rsaPem } from './forge-token.ts';

export const nameOf = (kid: string) =>
  `/asap/${createHash('sha256').update(kid).digest('hex')}.pem`;

export class KeyServer {
  readonly base: string;
  /** Paths asked for since the test emptied it. */
  readonly requests: string[];
  readonly #server: Server;

  private constructor(server: Server, requests: string[]) {
    this.#server = server;
    this.requests = requests;
    this.base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<KeyServer> {
    const requests: string[] = [];
    const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
    const documents = new Map<string, string>([
      [nameOf('rsa'), rsaPem],
      [nameOf('ec'), pem(ec.publicKey)],
      [nameOf('ed'), pem(ed.publicKey)],
      [nameOf('private'), rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
      [nameOf('garbage'), '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n'],
      [nameOf('huge'), rsaPem + '\n'.repeat(10_000_000)],
      [
        '/jwks.json',
        JSON.stringify({
          keys: [
            { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'set-rsa', use: 'sig' },
            { ...otherRsa.publicKey.export({ format: 'jwk' }), kid: 'set-enc', use: 'enc' },
            { kty: 'oct', k: encode('secret'), kid: 'set-oct' },
          ],
        }),
      ],
      ['/map.json', JSON.stringify({ 'map-rsa': rsaPem })],
    ]);
    const server = createServer((request, response) => {
      requests.push(request.url ?? '');
      if (request.url === nameOf('slow')) return;
      if (request.url === nameOf('redirect')) {
        response.writeHead(302, { location: nameOf('rsa') }).end();
        return;
      }
      if (request.url === nameOf('broken')) {
        response.writeHead(500).end(rsaPem);
        return;
      }
      const document = documents.get(request.url ?? '');
      response.writeHead(document === undefined ? 404 : 200).end(document ?? 'no such key');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new KeyServer(server, requests);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
