/** All deadlines of the server in one heap, so that the shell needs one timer. Pure: time comes in. */

export interface Deadline {
  /** A cancelled deadline never runs. Idempotent. */
  cancel(): void;
}

class Entry implements Deadline {
  readonly dueMs: number;
  action: (() => void) | undefined;

  constructor(dueMs: number, action: () => void) {
    this.dueMs = dueMs;
    this.action = action;
  }

  cancel(): void {
    this.action = undefined;
  }
}

const MIN_REBUILD = 1024;

export class Deadlines {
  /** Binary heap by `dueMs`; cancelled entries leave when they reach the top or when half are dead. */
  #heap: Entry[] = [];
  #rebuildAt = MIN_REBUILD;

  /** Runs `action` in the first `runDue` at or after `dueMs`. */
  at(dueMs: number, action: () => void): Deadline {
    const entry = new Entry(dueMs, action);
    this.#push(entry);
    return entry;
  }

  /** When `runDue` next has work. */
  get nextMs(): number | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.dueMs;
  }

  /** Entries held, cancelled ones that have not been cleared away included. */
  get size(): number {
    return this.#heap.length;
  }

  /** Takes everything due at `nowMs`, each given to `run`; what an action adds waits for the next call. */
  runDue(nowMs: number, run: (action: () => void) => void): void {
    const due: Entry[] = [];
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined || top.dueMs > nowMs) break;
      this.#pop();
      due.push(top);
    }
    for (const entry of due) {
      const action = entry.action;
      entry.action = undefined;
      if (action !== undefined) run(action);
    }
  }

  #dropCancelled(): void {
    while (this.#heap[0] !== undefined && this.#heap[0].action === undefined) this.#pop();
  }

  #push(entry: Entry): void {
    // Cancelled entries must not pile up under far deadlines that are set again and again.
    if (this.#heap.length >= this.#rebuildAt) this.#rebuild();
    let i = this.#heap.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (this.#due(parent) <= entry.dueMs) break;
      this.#swap(i, parent);
      i = parent;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) return;
      if (child + 1 < heap.length && this.#due(child + 1) < this.#due(child)) child++;
      if (this.#due(child) >= last.dueMs) return;
      this.#swap(i, child);
      i = child;
    }
  }

  #rebuild(): void {
    // A sorted array is a heap.
    this.#heap = this.#heap
      .filter((entry) => entry.action !== undefined)
      .sort((a, b) => a.dueMs - b.dueMs);
    this.#rebuildAt = Math.max(MIN_REBUILD, 2 * this.#heap.length);
  }

  #due(index: number): number {
    return this.#heap[index]?.dueMs ?? Number.POSITIVE_INFINITY;
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap;
    const entry = heap[a] as Entry;
    heap[a] = heap[b] as Entry;
    heap[b] = entry;
  }
}
