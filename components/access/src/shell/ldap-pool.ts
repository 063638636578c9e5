/**
 * Lends out links to the directory: so many at a time, kept for the next log-in, the next server
 * when one fails. A log-in that waits too long is told so; nobody waits for ever.
 */
import type { Clock, Logger, TimerHandle, Timers } from '@conclave/base';
import { FailOver } from '../core/fail-over.ts';
import { explainFault, isServerFault } from '../core/ldap-faults.ts';
import type { LdapOptions } from '../core/ldap-options.ts';
import { LdapError, LdapLink } from './ldap-link.ts';

export type LdapOutcome<T> =
  | { readonly type: 'done'; readonly value: T }
  | { readonly type: 'unavailable'; readonly reason: string };

export interface LdapPoolDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** Waiting for a link and asking every server included; below the XMPP server's own limit. */
const TOTAL_MS = 7_000;
const MAX_WAITING = 256;
/** A link that nobody used for so long is closed. */
const IDLE_MS = 60_000;
/** The same complaint is repeated so seldom. */
const REPEAT_MS = 30_000;

export class LdapPool {
  readonly #deps: LdapPoolDependencies;
  readonly #options: LdapOptions;
  readonly #failOver: FailOver;
  readonly #idle: LdapLink[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #complaints = new Map<string, number>();
  #busy = 0;
  #idleTimer: TimerHandle | undefined;
  #isClosed = false;

  constructor(deps: LdapPoolDependencies, options: LdapOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#failOver = new FailOver(options.urls);
  }

  /** Does `work` on a link; again on another server when the first one fails meanwhile. */
  async use<T>(work: (link: LdapLink) => Promise<T>): Promise<LdapOutcome<T>> {
    const untilMs = this.#deps.clock.nowMs() + TOTAL_MS;
    if (!(await this.#takeTurn(untilMs))) {
      return { type: 'unavailable', reason: 'too many log-ins at the directory at a time' };
    }
    try {
      return await this.#tryServers(work, untilMs);
    } finally {
      this.#busy--;
      this.#waiting.shift()?.();
      this.#closeIdleLater();
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#idleTimer?.cancel();
    for (const link of this.#idle.splice(0)) link.close();
  }

  /** False when the time is over before a link is free. */
  async #takeTurn(untilMs: number): Promise<boolean> {
    if (this.#busy < this.#options.maxConnections) {
      this.#busy++;
      return true;
    }
    if (this.#waiting.length >= MAX_WAITING) return false;
    return new Promise((resolve) => {
      const turn = () => {
        timer.cancel();
        this.#busy++;
        resolve(true);
      };
      const timer = this.#deps.timers.schedule(untilMs - this.#deps.clock.nowMs(), () => {
        const index = this.#waiting.indexOf(turn);
        if (index >= 0) this.#waiting.splice(index, 1);
        resolve(false);
      });
      this.#waiting.push(turn);
    });
  }

  async #tryServers<T>(
    work: (link: LdapLink) => Promise<T>,
    untilMs: number,
  ): Promise<LdapOutcome<T>> {
    const { clock } = this.#deps;
    let reason = 'no directory server answered within the last second';
    for (const url of this.#failOver.candidates(clock.nowMs())) {
      // A kept link may have died unnoticed: then once more on a new one.
      for (const link of [this.#takeIdle(url), new LdapLink(url, this.#options)]) {
        if (link === undefined) continue;
        const leftMs = untilMs - clock.nowMs();
        if (leftMs <= 0) return { type: 'unavailable', reason };
        try {
          const value = await this.#inTime(work(link), Math.min(leftMs, this.#options.timeoutMs));
          this.#giveBack(link);
          this.#failOver.handleSuccess(url);
          return { type: 'done', value };
        } catch (error) {
          link.close();
          if (!(error instanceof LdapError)) throw error;
          reason = explainFault(error.fault, url);
          this.#complain(reason);
          // The question itself is wrong: asking elsewhere would not help.
          if (!isServerFault(error.fault)) return { type: 'unavailable', reason };
        }
      }
      this.#failOver.handleFailure(url, clock.nowMs());
    }
    return { type: 'unavailable', reason };
  }

  async #inTime<T>(work: Promise<T>, limitMs: number): Promise<T> {
    let timer: TimerHandle | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = this.#deps.timers.schedule(limitMs, () => {
        const message = `no answer within ${limitMs} ms`;
        reject(new LdapError({ step: 'connect', code: undefined, message }));
      });
    });
    // Whatever becomes of it after its time, nobody waits for it any more.
    work.catch(() => {});
    try {
      return await Promise.race([work, late]);
    } finally {
      timer?.cancel();
    }
  }

  #takeIdle(url: string): LdapLink | undefined {
    const index = this.#idle.findIndex((link) => link.url === url);
    const [link] = index < 0 ? [] : this.#idle.splice(index, 1);
    if (link === undefined || link.isUsable) return link;
    link.close();
    return this.#takeIdle(url);
  }

  #giveBack(link: LdapLink): void {
    if (this.#isClosed || !link.isUsable) link.close();
    else this.#idle.push(link);
  }

  #closeIdleLater(): void {
    this.#idleTimer?.cancel();
    if (this.#isClosed) return;
    this.#idleTimer = this.#deps.timers.schedule(IDLE_MS, () => {
      for (const link of this.#idle.splice(0)) link.close();
    });
  }

  #complain(message: string): void {
    const nowMs = this.#deps.clock.nowMs();
    if (nowMs - (this.#complaints.get(message) ?? Number.NEGATIVE_INFINITY) < REPEAT_MS) return;
    if (this.#complaints.size > 64) this.#complaints.clear();
    this.#complaints.set(message, nowMs);
    this.#deps.logger.warn('access.directory.unavailable', { message });
  }
}
