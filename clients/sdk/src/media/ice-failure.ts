/**
 * What to do when media cannot get through: make sure that signalling works, wait a little, ask the focus for a
 * new session; give up after three rounds.
 */
import type { RandomSource, TimerHandle, Timers } from '@conclave/base';

export interface IceFailureActions {
  /** Resolves when the server answered a ping; rejects when it did not in time. */
  checkSignalling(): Promise<unknown>;
  /** Asks for a new session; rejects when that is refused. */
  restart(): Promise<void>;
  giveUp(): void;
}

const GRACE_MS = 2_000;
const ROUND_MS = 1_000;
const MAX_ROUNDS = 3;

export class IceFailure {
  readonly #timers: Timers;
  readonly #random: RandomSource;
  readonly #actions: IceFailureActions;
  #rounds = 0;
  #failed = false;
  #timer: TimerHandle | undefined;

  constructor(timers: Timers, random: RandomSource, actions: IceFailureActions) {
    this.#timers = timers;
    this.#random = random;
    this.#actions = actions;
  }

  handleFailed(): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#actions.checkSignalling().then(
      () => this.#scheduleRestart(),
      // The connection has its own way to come back, and to say that it did not.
      () => {
        this.#failed = false;
      },
    );
  }

  /** Media flows: all is forgotten. */
  handleConnected(): void {
    this.#failed = false;
    this.#rounds = 0;
    this.#timer?.cancel();
  }

  close(): void {
    this.#failed = true;
    this.#timer?.cancel();
  }

  #scheduleRestart(): void {
    if (!this.#failed) return;
    const round = this.#rounds++;
    if (round >= MAX_ROUNDS) {
      this.#actions.giveUp();
      return;
    }
    const [byte = 0] = this.#random.bytes(1);
    const backOffMs = round === 0 ? 0 : ROUND_MS * 2 ** round * (1 + byte / 256);
    this.#timer = this.#timers.schedule(GRACE_MS + backOffMs, () => {
      if (!this.#failed) return;
      this.#failed = false;
      this.#actions.restart().catch(() => this.#actions.giveUp());
    });
  }
}
