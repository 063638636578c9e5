/** Reads a store of the SDK in a component. */
import { type ReadonlyStore, Store } from '@conclave/sdk';
import { useSyncExternalStore } from 'react';

export function useStore<T>(store: ReadonlyStore<T>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}

const NEVER = new Store<undefined>(undefined);

/** As `useStore`, for a store that is not there yet. */
export function useOptionalStore<T>(store: ReadonlyStore<T> | undefined): T | undefined {
  return useStore<T | undefined>(store ?? NEVER);
}
