/** A browser driven by WebDriver BiDi (W3C): one connection, commands with answers, as much as our stories need. */
import WebSocket from 'ws';

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

const COMMAND_TIMEOUT_MS = 40_000;

export class BidiSession {
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.#handle(String(data)));
    socket.on('close', () => {
      for (const { reject } of this.#pending.values()) reject(new Error('the browser is gone'));
    });
  }

  /** @param url as the browser prints it when it listens */
  static async open(url: string): Promise<BidiSession> {
    const socket = new WebSocket(`${url}/session`);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    const session = new BidiSession(socket);
    await session.command('session.new', {
      capabilities: { alwaysMatch: { acceptInsecureCerts: true } },
    });
    return session;
  }

  /** Rejects with what the browser says, or after 40 s. */
  command(method: string, params: object): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new Error(`${method}: no answer`));
      }, COMMAND_TIMEOUT_MS);
      const end = () => {
        clearTimeout(timer);
        this.#pending.delete(id);
      };
      this.#pending.set(id, {
        resolve: (result) => {
          end();
          resolve(result);
        },
        reject: (error) => {
          end();
          reject(new Error(`${method}: ${error.message}`));
        },
      });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  close(): void {
    this.#socket.close();
  }

  #handle(text: string): void {
    const { id, type, result, error, message } = JSON.parse(text) as {
      id?: number;
      type?: string;
      result?: unknown;
      error?: string;
      message?: string;
    };
    const pending = this.#pending.get(id ?? -1);
    if (type === 'success') pending?.resolve(result);
    else if (type === 'error') pending?.reject(new Error(`${error}: ${message}`));
  }
}
