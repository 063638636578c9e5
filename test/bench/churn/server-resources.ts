/** What a running server holds: memory, descriptors, packet slots, rooms, and objects by class. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fetchAnswer, freeTcpPort, ServerProcess } from '../../integration/server-process.ts';
import { type InspectedProcess, inspectProcess } from '../inspector/channels.ts';
import type { HeapShare } from '../inspector/thread-inspector.ts';

const WORKER = 'bridge-worker.js';
const STATES = ['free', 'cached', 'in_hand'] as const;

export interface Resources {
  /** In use after a full collection. */
  readonly mainHeapBytes: number;
  readonly workerHeapBytes: number;
  readonly residentBytes: number;
  readonly descriptors: number;
  readonly slots: Readonly<Record<(typeof STATES)[number], number>>;
  readonly conferences: number;
  readonly endpoints: number;
}

/** A server with its inspector and its monitoring open. */
export class InspectedServer {
  readonly server: ServerProcess;
  readonly #inspected: InspectedProcess;
  readonly #privatePort: number;

  private constructor(server: ServerProcess, inspected: InspectedProcess, privatePort: number) {
    this.server = server;
    this.#inspected = inspected;
    this.#privatePort = privatePort;
  }

  static async start(): Promise<InspectedServer> {
    const privatePort = await freeTcpPort();
    const server = await ServerProcess.start({
      environment: {
        NODE_OPTIONS: '--inspect=127.0.0.1:0',
        COLIBRI_REST_ENABLED: '1',
        JVB_COLIBRI_PORT: String(privatePort),
        JVB_WORKERS: '1',
      },
    });
    const url = /ws:\/\/\S+/.exec(server.stderr)?.[0];
    if (url === undefined) throw new Error(`no inspector: ${server.stderr}`);
    return new InspectedServer(server, await inspectProcess(url, WORKER), privatePort);
  }

  async resources(): Promise<Resources> {
    const [main, ...workers] = await Promise.all(
      [this.#inspected.main, ...this.#inspected.workers].map((thread) => thread.usedHeapBytes()),
    );
    const metrics = await this.#metrics();
    const slots = Object.fromEntries(
      STATES.map((state) => [state, metrics(`conclave_bridge_slots{state="${state}"}`)]),
    ) as Resources['slots'];
    return {
      mainHeapBytes: main ?? 0,
      workerHeapBytes: workers.reduce((sum, bytes) => sum + bytes, 0),
      residentBytes: this.server.residentBytes,
      descriptors: this.server.descriptors,
      slots,
      conferences: metrics('jitsi_jvb_conferences'),
      endpoints: metrics('jitsi_jvb_current_endpoints'),
    };
  }

  /** Objects of the server's own classes, in all threads. */
  async objects(): Promise<ReadonlyMap<string, number>> {
    const own = ownClasses();
    const counts = new Map<string, number>();
    for (const thread of [this.#inspected.main, ...this.#inspected.workers]) {
      for (const [name, { count }] of await thread.heapContents()) {
        if (own.has(name)) counts.set(name, (counts.get(name) ?? 0) + count);
      }
    }
    return counts;
  }

  /** Of the main thread, which does signalling for everybody. */
  mainHeapContents(): Promise<ReadonlyMap<string, HeapShare>> {
    return this.#inspected.main.heapContents();
  }

  async stop(): Promise<void> {
    this.#inspected.close();
    await this.server.stop();
  }

  async #metrics(): Promise<(name: string) => number> {
    const { body } = await fetchAnswer({
      path: '/metrics',
      headers: {},
      method: 'GET',
      port: this.#privatePort,
    });
    return (name) => {
      const line = body.split('\n').find((text) => text.startsWith(`${name} `));
      if (line === undefined) throw new Error(`no metric ${name}`);
      return Number(line.slice(name.length));
    };
  }
}

/** Names of all classes in the built programs. */
function ownClasses(): ReadonlySet<string> {
  const names = new Set<string>();
  for (const file of ['server.js', WORKER]) {
    const text = readFileSync(
      fileURLToPath(new URL(`../../../dist/${file}`, import.meta.url)),
      'utf8',
    );
    for (const [, name] of text.matchAll(/\bclass (?:extends )?([A-Z]\w*)/g)) names.add(name ?? '');
    // esbuild: `var Session = class _Session extends …`
    for (const [, name] of text.matchAll(/\bvar ([A-Z]\w*) = class\b/g)) names.add(name ?? '');
  }
  return names;
}
