/** Ourselves in the room: what the others know of us, our role, and being silenced. */
import type { Clock } from '@conclave/base';
import type { XmlElement } from '@conclave/protocols/xml';
import type { LocalKind, LocalMedia } from '../media/local-media.ts';
import type { LocalScreen } from '../media/local-screen.ts';
import { type ReadonlyStore, Store } from '../store.ts';
import type { ModeratedMedium } from './moderation.ts';
import { ModeratorMutes } from './moderator-mutes.ts';
import { ownParticipant, type Participant } from './participant.ts';
import { NO_PERMISSIONS, type Permissions } from './permissions.ts';
import { PublishedPresence } from './published-presence.ts';
import type { RoomContext } from './room-context.ts';

export interface OwnOccupantDependencies {
  readonly clock: Clock;
  readonly localMedia: LocalMedia;
  readonly screen: LocalScreen;
}

export class OwnOccupant {
  readonly #clock: Clock;
  readonly #localMedia: LocalMedia;
  readonly #participant: Store<Participant>;
  readonly #permissions = new Store<Permissions>(NO_PERMISSIONS);
  readonly #presence: PublishedPresence;
  readonly #mutes: ModeratorMutes;
  readonly #unsubscribe: readonly (() => void)[];
  #isIn = false;

  /** @param jid our real address */
  constructor(
    context: RoomContext,
    jid: string,
    { clock, localMedia, screen }: OwnOccupantDependencies,
    options: { readonly displayName: string; readonly videoCodecs: readonly string[] },
  ) {
    this.#clock = clock;
    this.#localMedia = localMedia;
    this.#participant = new Store(ownParticipant(context.ownId, jid, options.displayName));
    this.#presence = new PublishedPresence(context, localMedia, screen, options);
    this.#mutes = new ModeratorMutes(context, localMedia, screen);
    const onChange = () => {
      this.#mutes.handleLocalChange();
      this.#publish();
    };
    this.#unsubscribe = [
      localMedia.audio.subscribe(onChange),
      localMedia.video.subscribe(onChange),
      screen.track.subscribe(onChange),
    ];
  }

  get participant(): ReadonlyStore<Participant> {
    return this.#participant;
  }

  get permissions(): ReadonlyStore<Permissions> {
    return this.#permissions;
  }

  get displayName(): string {
    return this.#presence.displayName;
  }

  setDisplayName(name: string): void {
    this.#presence.displayName = name;
    this.#publish();
  }

  setRaisedHand(raised: boolean): void {
    this.#presence.handRaisedMs = raised ? this.#clock.wallMs() : 0;
    this.#publish();
  }

  /** Asks to be let in. @param caps our entity capabilities */
  sendJoin(caps: XmlElement, password: string | undefined): void {
    this.#presence.sendJoin(caps, password);
  }

  /** The room has let us in: from now on it is told what changes. */
  enter(): void {
    this.#isIn = true;
    this.#publish();
  }

  /** The room is told nothing any more. */
  leave(): void {
    this.#isIn = false;
  }

  /** What the room says of us. */
  takeRole({ isModerator, isVisitor }: Participant, permissions: Permissions): void {
    this.#permissions.set(permissions);
    const before = this.#participant.get();
    if (before.isModerator !== isModerator || before.isVisitor !== isVisitor) {
      this.#participant.set({ ...before, isModerator, isVisitor });
    }
    if (isVisitor && !before.isVisitor) this.#mutes.silenceAll();
    // The hand asked to take part, and now we do.
    if (before.isVisitor && !isVisitor) this.setRaisedHand(false);
  }

  /** Mutes what is on of these; returns what was. */
  startMuted(wish: Readonly<Record<LocalKind, boolean>>): LocalKind[] {
    const kinds = (['audio', 'video'] as const).filter(
      (kind) => wish[kind] && !this.#localMedia[kind].get().muted,
    );
    for (const kind of kinds) void this.#localMedia.setMuted(kind, true);
    return kinds;
  }

  /** What was muted by whom (id, or empty); undefined when `payload` is no mute of ours. */
  handleMute(
    payload: XmlElement,
  ): { readonly medium: ModeratedMedium; readonly byId: string } | undefined {
    return this.#mutes.handleRequest(payload);
  }

  /** Idempotent. */
  close(): void {
    this.#isIn = false;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  #publish(): void {
    const { displayName, audioMuted, videoMuted, handRaisedMs } = this.#presence.own;
    this.#participant.update((self) => ({
      ...self,
      displayName,
      audioMuted,
      videoMuted,
      raisedHand: handRaisedMs > 0,
      handRaisedMs,
    }));
    if (this.#isIn) this.#presence.sendUpdate();
  }
}
