/** Ways to a thread's inspector: to workers of this process, and to all threads of another one. */
import { Session } from 'node:inspector';
import { WebSocket } from 'ws';
import { ThreadInspector } from './thread-inspector.ts';

type Json = Record<string, unknown>;
type Post = (message: string) => void;
type OnNotice = (method: string, params: Json) => void;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Json;
  readonly result?: Json;
  readonly error?: { readonly message: string };
}

/** Requests and their answers, and what comes unasked. */
export class InspectorChannel {
  onNotice: OnNotice = () => {};
  readonly #post: Post;
  readonly #waiting = new Map<
    number,
    { readonly resolve: (result: Json) => void; readonly reject: (error: Error) => void }
  >();
  #nextId = 1;

  constructor(post: Post) {
    this.#post = post;
  }

  ask(method: string, params: Json = {}): Promise<Json> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#post(JSON.stringify({ id, method, params }));
    });
  }

  handle(text: string): void {
    const { id, method, params, result, error } = JSON.parse(text) as Message;
    if (id === undefined) {
      if (method !== undefined) this.onNotice(method, params ?? {});
      return;
    }
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result ?? {});
    else waiting?.reject(new Error(`inspector: ${error.message}`));
  }
}

/**
 * A channel to each worker thread of the process behind `main`, as far as the name of its program ends in `file`. Others are
 * the module loader's.
 */
function workerChannels(
  main: InspectorChannel,
  file: string,
  onWorker: (worker: InspectorChannel) => void,
): void {
  const workers = new Map<unknown, InspectorChannel>();
  main.onNotice = (method, params) => {
    const { sessionId } = params;
    if (method === 'NodeWorker.attachedToWorker') {
      const { url } = params.workerInfo as { url: string };
      if (!url.endsWith(file)) return;
      const worker = new InspectorChannel((message) => {
        void main.ask('NodeWorker.sendMessageToWorker', { sessionId, message });
      });
      workers.set(sessionId, worker);
      onWorker(worker);
    } else if (method === 'NodeWorker.receivedMessageFromWorker') {
      workers.get(sessionId)?.handle(params.message as string);
    }
  };
}

/** A snapshot comes in pieces. */
const MAX_MESSAGE_BYTES = 64 << 20;
const ENABLE_WORKERS = ['NodeWorker.enable', { waitForDebuggerOnStart: false }] as const;

/** The first worker of this process that runs `file`; it may be started later. */
export function inspectWorker(file: string): Promise<ThreadInspector> {
  const session = new Session();
  session.connect();
  const main = new InspectorChannel((text) => {
    const { id, method, params } = JSON.parse(text) as Message;
    session.post(method ?? '', params, (error: Error | null, result?: object) => {
      main.handle(JSON.stringify({ id, result, ...(error && { error }) }));
    });
  });
  session.on('inspectorNotification', (notice: object) => main.handle(JSON.stringify(notice)));
  return new Promise((resolve) => {
    workerChannels(main, file, (worker) => resolve(new ThreadInspector(worker)));
    void main.ask(...ENABLE_WORKERS);
  });
}

export interface InspectedProcess {
  readonly main: ThreadInspector;
  /** Those that run `file`, in the order of their start. */
  readonly workers: readonly ThreadInspector[];
  close(): void;
}

async function connect(url: string): Promise<{ socket: WebSocket; channel: InspectorChannel }> {
  const socket = new WebSocket(url, { maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  const channel = new InspectorChannel((message) => socket.send(message));
  socket.on('message', (data) => channel.handle(data.toString()));
  return { socket, channel };
}

/** `url` is what Node says when it is started with `--inspect`. */
export async function inspectProcess(url: string, file: string): Promise<InspectedProcess> {
  // One connection for the workers and one for the main thread: each has notices of its own.
  const [forWorkers, forMain] = [await connect(url), await connect(url)];
  const workers: ThreadInspector[] = [];
  workerChannels(forWorkers.channel, file, (worker) => workers.push(new ThreadInspector(worker)));
  await forWorkers.channel.ask(...ENABLE_WORKERS);
  return {
    main: new ThreadInspector(forMain.channel),
    workers,
    close() {
      forWorkers.socket.close();
      forMain.socket.close();
    },
  };
}
