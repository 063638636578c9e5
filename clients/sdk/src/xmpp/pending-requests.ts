/** Requests that wait for the result or error with their id (RFC 6120 §8.2.3). */
import type { TimerHandle, Timers } from '@conclave/base';
import type { XmlElement } from '@conclave/protocols/xml';
import { RequestError, type RequestErrorCondition, requestErrorFrom } from './request-error.ts';

interface Pending {
  readonly from: string | undefined;
  readonly resolve: (result: XmlElement) => void;
  readonly reject: (error: RequestError) => void;
  readonly timer: TimerHandle | undefined;
}

export class PendingRequests {
  readonly #timers: Timers;
  readonly #pending = new Map<string, Pending>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /**
   * @param to where the request went: only that address may answer (undefined: our own server)
   * @param timeoutMs undefined waits for ever
   */
  add(id: string, to: string | undefined, timeoutMs: number | undefined): Promise<XmlElement> {
    return new Promise((resolve, reject) => {
      const timer =
        timeoutMs === undefined
          ? undefined
          : this.#timers.schedule(timeoutMs, () => {
              this.#pending.delete(id);
              reject(new RequestError('timeout'));
            });
      this.#pending.set(id, { from: to, resolve, reject, timer });
    });
  }

  /** True when `iq` answered one of ours. */
  handleAnswer(iq: XmlElement): boolean {
    const id = iq.attribute('id') ?? '';
    const pending = this.#pending.get(id);
    if (pending === undefined) return false;
    const from = iq.attribute('from');
    if (pending.from !== undefined && from !== undefined && from !== pending.from) return false;
    this.#pending.delete(id);
    pending.timer?.cancel();
    if (iq.attribute('type') === 'result') pending.resolve(iq);
    else pending.reject(requestErrorFrom(iq));
    return true;
  }

  /** Fails everything that still waits. */
  rejectAll(condition: RequestErrorCondition): void {
    const all = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject, timer } of all) {
      timer?.cancel();
      reject(new RequestError(condition));
    }
  }
}
