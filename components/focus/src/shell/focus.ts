/** The focus as the server sees it: the core, joined to the bridge's promises and Node's hash function. */
import { createHash } from 'node:crypto';
import type { AuditLog, Clock, Logger, RandomSource, Timers } from '@conclave/base';
import type {
  BridgePool,
  ColibriEvent,
  ColibriResponse,
  ConferenceModify,
} from '@conclave/protocols/colibri';
import type { XmlElement } from '@conclave/protocols/xml';
import type { MuteMedia } from '../core/av-moderation.ts';
import { FocusCore, type FocusCounters } from '../core/focus-core.ts';
import type { ReservationLink } from '../core/reservations.ts';
import { DEFAULT_FOCUS_OPTIONS, type FocusOptions } from '../options.ts';

export interface FocusDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: RandomSource;
  readonly logger: Logger;
  /** Who muted whom. */
  readonly audit?: AuditLog;
  /** Puts a stanza of the focus on the stanza router. */
  readonly send: (stanza: XmlElement) => void;
  readonly bridges: BridgePool;
  /** An external system that says which rooms may be used. */
  readonly reservationLink?: ReservationLink;
}

/** Longest wait for the bridge (Jicofo's). */
const BRIDGE_TIMEOUT_MS = 15_000;

export class Focus {
  readonly #deps: FocusDependencies;
  readonly #core: FocusCore;

  constructor(deps: FocusDependencies, options: Partial<FocusOptions> = {}) {
    this.#deps = deps;
    const bridgeLink = {
      request: (
        bridgeId: string,
        message: ConferenceModify,
        onResponse: (response: ColibriResponse) => void,
      ) => this.#requestBridge(bridgeId, message, onResponse),
    };
    this.#core = new FocusCore(
      { ...deps, bridgeLink, bridges: () => deps.bridges.bridges(), sha1Base64: sha1 },
      { ...DEFAULT_FOCUS_OPTIONS, ...options },
    );
  }

  /** A stanza for the focus address, for the focus' JID, or from a room it is in. */
  handleStanza(stanza: XmlElement): void {
    this.#core.handleStanza(stanza);
  }

  handleBridgeEvent(event: ColibriEvent): void {
    this.#core.handleBridgeEvent(event);
  }

  /** A bridge died: media sessions on it end, clients are invited to another or wait for the next offer. */
  handleBridgeFailed(bridgeId: string): void {
    this.#core.handleBridgeFailed(bridgeId);
  }

  /** A bridge is there again: everybody who waits is invited. */
  handleBridgeRestored(bridgeId: string): void {
    this.#core.handleBridgeRestored(bridgeId);
  }

  /**
   * Mutes somebody, or everybody in a room (a bare JID), for the administrator of the server. The number
   * of people whom it concerned; undefined when there is no such conference or person.
   */
  mute(
    room: string,
    endpointId: string | undefined,
    media: readonly MuteMedia[],
  ): number | undefined {
    return this.#core.mute(room, endpointId, media);
  }

  /** Totals, for metrics. */
  get counters(): Readonly<FocusCounters> {
    return this.#core.counters;
  }

  /** Accounts with a session id, once each. */
  accountsInUse(): Set<string> {
    return this.#core.accountsInUse();
  }

  /** An account that is no more: its session ids are worth nothing. Returns the JIDs that had shown one. */
  endAccount(account: string): string[] {
    return this.#core.endAccount(account);
  }

  /** For metrics and health. */
  stats(): { readonly conferences: number; readonly participants: number } {
    return this.#core.stats();
  }

  /** From here on no conference begins, but for breakout rooms of those there are. Who asks for one is told to ask again. */
  drain(): void {
    this.#core.drain();
  }

  /** Ends all conferences and leaves their rooms. */
  close(): void {
    this.#core.close();
  }

  #requestBridge(
    bridgeId: string,
    message: ConferenceModify,
    onResponse: (response: ColibriResponse) => void,
  ): void {
    let settled = false;
    const settle = (response: ColibriResponse) => {
      if (settled) return;
      settled = true;
      timer.cancel();
      onResponse(response);
    };
    const timer = this.#deps.timers.schedule(BRIDGE_TIMEOUT_MS, () => {
      settle({ type: 'error', reason: 'timeout', text: 'the bridge does not answer' });
    });
    this.#deps.bridges.request(bridgeId, message).then(settle, (error: unknown) => {
      settle({ type: 'error', reason: 'bridge_failed', text: String(error) });
    });
  }
}

function sha1(text: string): string {
  return createHash('sha1').update(text, 'utf8').digest('base64');
}
