/** The API of Janus over WebSocket, as far as viewers of the streaming plugin need it. */
import { WebSocket } from 'ws';

interface Reply {
  readonly janus: string;
  readonly transaction?: string;
  readonly data?: { readonly id: number };
  readonly error?: { readonly reason: string };
  readonly plugindata?: { readonly data: { readonly error?: string } };
  readonly jsep?: { readonly sdp: string };
}

const KEEP_ALIVE_MS = 20_000;

export class JanusSession {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<string, { take(reply: Reply): void }>();
  #id = 0;
  #nextTransaction = 1;
  #timer: NodeJS.Timeout | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.#handle(JSON.parse(data.toString()) as Reply));
  }

  static async open(port: number): Promise<JanusSession> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, 'janus-protocol');
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    const session = new JanusSession(socket);
    session.#id = (await session.#ask({ janus: 'create' })).data?.id ?? 0;
    session.#timer = setInterval(() => void session.#ask({ janus: 'keepalive' }), KEEP_ALIVE_MS);
    return session;
  }

  /** A handle of the streaming plugin, and the offer of the mountpoint. */
  async watch(mountpoint: number): Promise<{ readonly handle: number; readonly offer: string }> {
    const attached = await this.#ask({ janus: 'attach', plugin: 'janus.plugin.streaming' });
    const handle = attached.data?.id ?? 0;
    const body = { request: 'watch', id: mountpoint };
    const { jsep } = await this.#ask({ janus: 'message', handle_id: handle, body }, true);
    if (jsep === undefined) throw new Error('Janus made no offer');
    return { handle, offer: jsep.sdp };
  }

  async start(handle: number, answer: string): Promise<void> {
    const jsep = { type: 'answer', sdp: answer };
    await this.#ask(
      { janus: 'message', handle_id: handle, body: { request: 'start' }, jsep },
      true,
    );
  }

  close(): void {
    clearInterval(this.#timer);
    this.#socket.close();
  }

  /** `isEvent`: the answer is not the acknowledgement, but the event after it. */
  #ask(request: object, isEvent = false): Promise<Reply> {
    const transaction = `t${this.#nextTransaction++}`;
    const session = this.#id === 0 ? {} : { session_id: this.#id };
    return new Promise((resolve, reject) => {
      this.#waiting.set(transaction, {
        take: (reply) => {
          if (isEvent && reply.janus === 'ack') return;
          this.#waiting.delete(transaction);
          const error = reply.error?.reason ?? reply.plugindata?.data.error;
          if (error === undefined) resolve(reply);
          else reject(new Error(`Janus: ${error}`));
        },
      });
      this.#socket.send(JSON.stringify({ ...request, ...session, transaction }));
    });
  }

  #handle(reply: Reply): void {
    if (reply.transaction !== undefined) this.#waiting.get(reply.transaction)?.take(reply);
  }
}
