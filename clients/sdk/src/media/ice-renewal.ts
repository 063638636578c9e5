/**
 * In-place ICE restart of the bridge session (RFC 8445 §9): when the path to the bridge is interrupted we ask the focus
 * for new ICE credentials, take them, and tell it ours. Media, keys and sources stay as they are. When this does not
 * help, ICE fails and `IceFailure` asks for a new session.
 */
import type { TimerHandle, Timers } from '@conclave/base';
import type { IceTransport } from '@conclave/protocols/colibri';
import type { IceState } from './media-session.ts';

/** Most interruptions are over by then; browsers wait some seconds before they speak of one. */
const PATIENCE_MS = 1_000;

export interface IceRenewalActions {
  /** Rejects when signalling is silent too: it comes back first, and calls `retryNow`. */
  checkSignalling(): Promise<unknown>;
  /** Asks for new credentials; rejects when they are refused. */
  ask(): Promise<unknown>;
  /** Takes the bridge's transport; resolves with ours. */
  take(transport: IceTransport): Promise<IceTransport>;
  /** Tells ours, which has the bridge's `iceGeneration`. */
  tell(transport: IceTransport): Promise<unknown>;
  onFailed(error: unknown): void;
}

export class IceRenewal {
  readonly #timers: Timers;
  readonly #actions: IceRenewalActions;
  #timer: TimerHandle | undefined;
  #isInterrupted = false;
  /** The last round that was taken; rounds may come twice or late. */
  #generation = 0;

  constructor(timers: Timers, actions: IceRenewalActions) {
    this.#timers = timers;
    this.#actions = actions;
  }

  handleState(state: IceState): void {
    this.#isInterrupted = state === 'interrupted';
    this.#timer?.cancel();
    if (!this.#isInterrupted) return;
    this.#timer = this.#timers.schedule(PATIENCE_MS, () => this.#check());
  }

  /** Signalling is back after a pause: an interrupted path has waited long enough. */
  retryNow(): void {
    if (this.#isInterrupted) this.#ask();
  }

  /** A transport of the bridge; those that belong to no newer round are ignored. */
  handleTransport(transport: IceTransport): void {
    const { iceGeneration = 0 } = transport;
    if (iceGeneration <= this.#generation) return;
    this.#generation = iceGeneration;
    this.#actions
      .take(transport)
      .then((own) => this.#actions.tell({ ...own, iceGeneration }))
      .catch((error: unknown) => this.#actions.onFailed(error));
  }

  close(): void {
    this.#timer?.cancel();
    this.#isInterrupted = false;
  }

  #check(): void {
    this.#actions.checkSignalling().then(
      () => this.#isInterrupted && this.#ask(),
      () => {
        // The connection is made anew.
      },
    );
  }

  #ask(): void {
    this.#timer?.cancel();
    this.#actions.ask().catch((error: unknown) => this.#actions.onFailed(error));
  }
}
