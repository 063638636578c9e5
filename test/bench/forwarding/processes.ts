/** Processes pinned to a core, called by name with plain values. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

type Handler = (...args: never[]) => unknown;

/** In the child: answers calls until the parent goes away. */
export function serve(handlers: Readonly<Record<string, Handler>>): void {
  process.on(
    'message',
    async ({ id, method, args }: { id: number; method: string; args: never[] }) => {
      const result = await handlers[method]?.(...args);
      process.send?.({ id, result });
    },
  );
  process.on('disconnect', () => process.exit(0));
}

export interface PinnedProcess {
  call<T>(method: string, ...args: unknown[]): Promise<T>;
  /** Resolves when it is gone. */
  stop(): Promise<void>;
}

const hasTaskset = spawnSync('taskset', ['-V']).status === 0;
/** Nothing of a run outlives the process that started it, however it ends. */
const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/**
 * Starts `test/bench/forwarding/<file>`; without taskset, or with one core, it is not pinned. Always
 * with normal priority: others use the machine too, and with real-time priority V8's threads, which
 * wait for each other in loops, never get past each other on one core.
 */
export function startPinned(file: string, core: number): PinnedProcess {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const node = [process.execPath, '--import', 'tsx', path];
  const pin = hasTaskset && availableParallelism() > core ? ['taskset', '-c', `${core}`] : [];
  const [command, ...args] = [...pin, ...node];
  const child: ChildProcess = spawn(command as string, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  children.add(child);
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let nextId = 0;
  child.on('message', ({ id, result }: { id: number; result: unknown }) => {
    waiting.get(id)?.resolve(result);
    waiting.delete(id);
  });
  const gone = new Promise<void>((resolve) => {
    child.on('exit', (code) => {
      children.delete(child);
      for (const { reject } of waiting.values()) reject(new Error(`${file} ended with ${code}`));
      resolve();
    });
  });
  return {
    call<T>(method: string, ...callArgs: unknown[]): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        const id = nextId++;
        waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
        child.send({ id, method, args: callArgs });
      });
    },
    stop() {
      if (child.connected) child.disconnect();
      return gone;
    },
  };
}
