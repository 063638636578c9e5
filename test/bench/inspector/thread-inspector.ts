/** Looks into one thread through Node's inspector: its heap, what it allocates, its collections, its objects. */
import type { HeapProfiler, Profiler } from 'node:inspector';
import { setTimeout as delay } from 'node:timers/promises';
import type { InspectorChannel } from './channels.ts';

/** Evaluated in the thread. */
const WATCH_COLLECTIONS = `
  globalThis.benchPauses = [];
  new (process.getBuiltinModule('node:perf_hooks').PerformanceObserver)((list) => {
    for (const { startTime, duration, detail } of list.getEntries()) {
      benchPauses.push([startTime, duration, detail.kind]);
    }
  }).observe({ entryTypes: ['gc'] });`;

export interface Collection {
  /** Of perf_hooks' constants: 1 scavenge, 4 mark-sweep-compact, 8 incremental, 16 weak callbacks. */
  readonly kind: number;
  readonly pauseMs: number;
}

export type CpuProfile = Profiler.Profile;
export type AllocationProfile = HeapProfiler.SamplingHeapProfile;

interface Snapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      readonly node_types: readonly [readonly string[]];
    };
  };
  readonly nodes: readonly number[];
  readonly strings: readonly string[];
}

export interface HeapShare {
  readonly count: number;
  readonly bytes: number;
}

/** V8's own names say something; those of strings and functions are the program's, and many. */
function isNamed(type: string, name: string): boolean {
  return (
    (type === 'hidden' || type === 'code' || type === 'object shape') && /^(system|\()/.test(name)
  );
}

export class ThreadInspector {
  readonly #channel: InspectorChannel;
  #watchedMs = 0;

  constructor(channel: InspectorChannel) {
    this.#channel = channel;
  }

  async watchCollections(): Promise<void> {
    await this.#channel.ask('Runtime.evaluate', { expression: WATCH_COLLECTIONS });
  }

  /** Those that began since it was called last. */
  async collections(): Promise<readonly Collection[]> {
    // What V8 tells of a collection comes a moment after it.
    const { result } = (await this.#channel.ask('Runtime.evaluate', {
      expression: '[performance.now(), benchPauses.splice(0)]',
      returnByValue: true,
    })) as { result: { value: readonly [number, readonly [number, number, number][]] } };
    const [nowMs, collections] = result.value;
    const sinceMs = this.#watchedMs;
    this.#watchedMs = nowMs;
    return collections
      .filter(([startMs]) => startMs >= sinceMs)
      .map(([, pauseMs, kind]) => ({ kind, pauseMs }));
  }

  /** Makes the thread run an endless loop: it never answers again. */
  hang(): void {
    this.#channel.ask('Runtime.evaluate', { expression: 'for (;;);' }).catch(() => {});
  }

  /** Bytes that are in use after a full collection. */
  async usedHeapBytes(): Promise<number> {
    await this.#channel.ask('HeapProfiler.collectGarbage');
    const { usedSize } = await this.#channel.ask('Runtime.getHeapUsage');
    return usedSize as number;
  }

  /**
   * What lives now: objects by the name of their class, everything else of V8's by what it is, in parentheses (strings and closures
   * together, whatever they say or are called).
   */
  async heapContents(): Promise<ReadonlyMap<string, HeapShare>> {
    const chunks: string[] = [];
    this.#channel.onNotice = (method, { chunk }) => {
      if (method === 'HeapProfiler.addHeapSnapshotChunk') chunks.push(chunk as string);
    };
    await this.#channel.ask('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
    const { snapshot, nodes, strings } = JSON.parse(chunks.join('')) as Snapshot;
    const { node_fields: fields, node_types } = snapshot.meta;
    const [typeAt, nameAt, sizeAt] = ['type', 'name', 'self_size'].map((f) => fields.indexOf(f));
    const contents = new Map<string, { count: number; bytes: number }>();
    for (let at = 0; at < nodes.length; at += fields.length) {
      const type = node_types[0][nodes[at + (typeAt ?? 0)] ?? 0] ?? '';
      const name = strings[nodes[at + (nameAt ?? 0)] ?? 0] ?? '';
      const kind =
        type === 'object' ? name : isNamed(type, name) ? `(${type} ${name})` : `(${type})`;
      const share = contents.get(kind) ?? { count: 0, bytes: 0 };
      share.count++;
      share.bytes += nodes[at + (sizeAt ?? 0)] ?? 0;
      contents.set(kind, share);
    }
    return contents;
  }

  /** Everything that is allocated from now on, also what is collected soon: one sample in so many bytes. */
  async startSampling(intervalBytes: number): Promise<void> {
    await this.#channel.ask('HeapProfiler.startSampling', {
      samplingInterval: intervalBytes,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
  }

  async stopSampling(): Promise<AllocationProfile> {
    const { profile } = await this.#channel.ask('HeapProfiler.stopSampling');
    return profile as AllocationProfile;
  }

  /** Where the thread's time goes, for so long. */
  async cpuProfile(seconds: number): Promise<CpuProfile> {
    await this.#channel.ask('Profiler.enable');
    await this.#channel.ask('Profiler.start');
    await delay(seconds * 1000);
    const { profile } = await this.#channel.ask('Profiler.stop');
    return profile as CpuProfile;
  }
}
