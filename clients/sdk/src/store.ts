/** State that can be watched: `get` and `subscribe` are what React's useSyncExternalStore asks for. */

export interface ReadonlyStore<T> {
  /** The same object until the next change. */
  get(): T;
  /** Calls `listener` after each change; returns the function that ends this. */
  subscribe(listener: () => void): () => void;
}

export class Store<T> implements ReadonlyStore<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
    // React calls these detached from the object.
    this.get = this.get.bind(this);
    this.subscribe = this.subscribe.bind(this);
  }

  get(): T {
    return this.#value;
  }

  /** Tells the listeners only when the value is another one (Object.is). */
  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }

  update(change: (value: T) => T): void {
    this.set(change(this.#value));
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
