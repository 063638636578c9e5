/** Carries each change of a participant's sources to the bridge and to every other participant. */
import type { TimerHandle } from '@conclave/base';
import type { ColibriResponse, EndpointModify } from '@conclave/protocols/colibri';
import { type Jingle, type OwnedSources, sourceContents } from '@conclave/protocols/jingle';
import type { ConferenceState } from './conference-state.ts';
import { FEATURE } from './features.ts';
import type { Participant } from './participant.ts';
import { type ViewedSource, viewOf, withOneVideo } from './receiver-view.ts';
import { mediaSourcesOf } from './source-set.ts';
import type { ViewForReceiver } from './source-signaling.ts';

interface View {
  readonly all: readonly ViewedSource[];
  readonly withOneVideo: readonly ViewedSource[];
}

export class SourceDistribution {
  readonly #state: ConferenceState;
  readonly #views = new Map<string, View>();
  #flushTimer: TimerHandle | undefined;

  constructor(state: ConferenceState) {
    this.#state = state;
  }

  /** The sources of the others, for an offer to `receiver`. */
  offerFor(receiver: Participant): OwnedSources[] {
    const owners = receiver.learnsSourcesFromBridge
      ? []
      : [...this.#views.keys()].filter((owner) => owner !== receiver.endpointId);
    return receiver.signaling.offer(owners, this.#viewFor(receiver));
  }

  /**
   * The sources of `owner` changed: tells the bridge, with what else changed there, then the receivers.
   * In this order, so that the bridge does not drop the first packets.
   */
  publish(
    owner: Participant,
    change: Pick<EndpointModify, 'transport' | 'initialLastN'>,
    onResponse: (response: ColibriResponse) => void,
  ): void {
    const sources = mediaSourcesOf(this.#state.sources.of(owner.endpointId));
    this.#state.bridges.modifyEndpoint({ ...change, id: owner.endpointId, sources }, onResponse);
    this.announce(owner);
  }

  /** Tells the receivers, and not the bridge. */
  announce(owner: Participant): void {
    const { endpointId } = owner;
    const all = viewOf(this.#state.sources.of(endpointId));
    if (all.length === 0) this.#views.delete(endpointId);
    else this.#views.set(endpointId, { all, withOneVideo: withOneVideo(all) });
    for (const receiver of this.#state.participants.values()) {
      if (receiver === owner || receiver.learnsSourcesFromBridge) continue;
      receiver.signaling.mark(endpointId);
    }
    this.#scheduleFlush();
  }

  /** `owner` left the room: nobody is told, as clients know it from the room. */
  forget(owner: Participant): void {
    this.#views.delete(owner.endpointId);
    for (const receiver of this.#state.participants.values()) {
      receiver.signaling.forget(owner.endpointId);
    }
  }

  /** All media sessions have ended. */
  clear(): void {
    this.#views.clear();
    this.close();
  }

  /** Tells `receiver` now what it does not know, if it has accepted its session. */
  flush(receiver: Participant): void {
    const { session, signaling } = receiver;
    if (session?.state !== 'active' || !signaling.hasChanges) return;
    const { remove, add } = signaling.takeDifference(this.#viewFor(receiver));
    if (remove.length > 0) this.#send(receiver, session.sid, 'source-remove', remove);
    if (add.length > 0) this.#send(receiver, session.sid, 'source-add', add);
  }

  close(): void {
    this.#flushTimer?.cancel();
    this.#flushTimer = undefined;
  }

  #viewFor(receiver: Participant): ViewForReceiver {
    return (owner) => {
      const view = this.#views.get(owner);
      if (view === undefined) return [];
      return receiver.showsOneVideo ? view.withOneVideo : view.all;
    };
  }

  #scheduleFlush(): void {
    if (this.#flushTimer !== undefined) return;
    const delayMs = this.#delayMs();
    if (delayMs === 0) {
      this.#flushAll();
      return;
    }
    this.#flushTimer = this.#state.deps.timers.schedule(delayMs, () => {
      this.#flushTimer = undefined;
      this.#flushAll();
    });
  }

  #flushAll(): void {
    for (const receiver of this.#state.participants.values()) this.flush(receiver);
  }

  /** Every change is a negotiation in every browser: large conferences collect them. */
  #delayMs(): number {
    let delayMs = 0;
    for (const step of this.#state.options.sourceSignalingDelays) {
      if (this.#state.participants.size >= step.participants) delayMs = step.delayMs;
    }
    return delayMs;
  }

  #send(
    receiver: Participant,
    sid: string,
    action: 'source-add' | 'source-remove',
    sources: readonly OwnedSources[],
  ): void {
    const asJson = this.#state.options.jsonSources && receiver.has(FEATURE.jsonSources);
    const jingle: Jingle = {
      action,
      sid,
      initiator: this.#state.options.focusJid,
      contents: asJson ? [] : sourceContents(sources),
      bundle: [],
      ...(asJson && { jsonSources: sources }),
    };
    this.#state.sendJingle(receiver, jingle);
  }
}
