/** Short news above the tiles, some with something to press: asked to unmute, a command refused, somebody at the door. */
import { type ReadonlyStore, Store } from '@conclave/sdk';

export interface Notice {
  readonly key: string;
  readonly text: string;
  readonly actions: readonly NoticeAction[];
}

export interface NoticeAction {
  readonly label: string;
  readonly run: () => void;
}

const MAX_NOTICES = 4;

export class CallNotices {
  readonly #all = new Store<readonly Notice[]>([]);

  /** Newest last. */
  get all(): ReadonlyStore<readonly Notice[]> {
    return this.#all;
  }

  /** @param key a later notice with the same key replaces this one */
  show(key: string, text: string, actions: readonly NoticeAction[] = []): void {
    this.#all.update((all) => [
      ...all.filter((notice) => notice.key !== key).slice(1 - MAX_NOTICES),
      { key, text, actions },
    ]);
  }

  dismiss(key: string): void {
    this.#all.update((all) => all.filter((notice) => notice.key !== key));
  }
}
