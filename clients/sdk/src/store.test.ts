import { describe, expect, test, vi } from 'vitest';
import { Emitter } from './emitter.ts';
import { Store } from './store.ts';

describe('Store', () => {
  test('tells listeners of another value, not of the same', () => {
    const store = new Store(1);
    const listener = vi.fn();
    const unsubscribe = store.subscribe(listener);
    store.set(1);
    expect(listener).not.toHaveBeenCalled();
    store.update((value) => value + 1);
    expect(listener).toHaveBeenCalledOnce();
    expect(store.get()).toBe(2);
    unsubscribe();
    store.set(3);
    expect(listener).toHaveBeenCalledOnce();
  });

  test('works detached from the object, as React uses it', () => {
    const { get, subscribe } = new Store('x');
    expect(get()).toBe('x');
    subscribe(() => {})();
  });

  test('a listener may unsubscribe another while being told', () => {
    const store = new Store(0);
    const order: string[] = [];
    let second = () => {};
    store.subscribe(() => {
      order.push('first');
      second();
    });
    second = store.subscribe(() => order.push('second'));
    store.set(1);
    store.set(2);
    expect(order).toEqual(['first', 'second', 'first']);
  });
});

describe('Emitter', () => {
  test('calls the listeners of a name with its arguments until they are removed', () => {
    const emitter = new Emitter<{ a: [number, string]; b: [] }>();
    const listener = vi.fn();
    const off = emitter.on('a', listener);
    emitter.emit('a', 1, 'x');
    emitter.emit('b');
    off();
    emitter.emit('a', 2, 'y');
    expect(listener.mock.calls).toEqual([[1, 'x']]);
  });
});
