/**
 * What the buttons and keys of a call do, and what the room says back as notices. Knows nothing of React.
 */
import type {
  Conference,
  LocalKind,
  LocalMedia,
  LocalScreen,
  ModeratedMedium,
  Participant,
} from '@conclave/sdk';
import type { PersonAction } from '../people/person-actions.ts';
import { strings } from '../strings/strings.ts';
import { CallNotices } from './call-notices.ts';

export class CallActions {
  readonly notices = new CallNotices();
  readonly #conference: Conference;
  readonly #media: LocalMedia;
  readonly #screen: LocalScreen;
  #talksWhileHeld = false;

  constructor(conference: Conference, media: LocalMedia, screen: LocalScreen) {
    this.#conference = conference;
    this.#media = media;
    this.#screen = screen;
  }

  /**
   * Begins to listen to the room; returns the function that ends it.
   * @param showPolls opens the questions that were asked
   */
  listen(showPolls: () => void): () => void {
    const { avModeration, polls } = this.#conference.features;
    let before = this.#conference.self.get();
    const tellStartedMuted = () => {
      const kinds = this.#conference.startedMuted.get();
      if (kinds.length > 0) this.#tell('startedMuted', strings.call.startedMuted(kinds));
    };
    tellStartedMuted();
    const stops = [
      this.#conference.on('mutedByModerator', (medium) =>
        this.#tell(`muted-${medium}`, strings.call.mutedByModerator[medium]),
      ),
      this.#conference.startedMuted.subscribe(tellStartedMuted),
      this.#conference.on('screenRefused', () => this.#tell('screen', strings.call.shareFailed)),
      // What they were told about is over.
      this.#media.audio.subscribe(() => this.#forgetMute('audio')),
      this.#media.video.subscribe(() => this.#forgetMute('video')),
      avModeration.on('approved', (medium, isRequest) => this.#handleApproved(medium, isRequest)),
      this.#conference.self.subscribe(() => {
        const self = this.#conference.self.get();
        // Who comes first leads; that is nothing to be told.
        const isNews = this.#conference.participants.get().length > 0;
        if (self.isModerator && !before.isModerator && isNews) {
          this.#tell('moderator', strings.call.youAreModerator);
        }
        if (!self.isVisitor && before.isVisitor) this.#tell('visitor', strings.visitors.promoted);
        if (self.isVisitor && !before.isVisitor) this.notices.dismiss('visitor');
        before = self;
      }),
      this.#conference.on('promotionRefused', () =>
        this.#tell('visitor', strings.visitors.refused),
      ),
      polls.on('asked', ({ askerId, askerName, question }) => {
        if (askerId === before.id) return;
        const text = strings.polls.asks(askerName || strings.call.guest, question);
        const run = () => {
          this.notices.dismiss('poll');
          showPolls();
        };
        this.notices.show('poll', text, [{ label: strings.polls.open, run }]);
      }),
      polls.on('refused', (text) => this.#tell('poll', strings.polls.refused(text))),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  toggle(kind: LocalKind): void {
    const { muted } = this.#media[kind].get();
    // Who presses the button meanwhile means it.
    if (kind === 'audio') this.#talksWhileHeld = false;
    if (muted && !this.#isAllowed(kind)) return;
    void this.#media.setMuted(kind, !muted);
  }

  /** While the key is held down; without effect for who is heard anyway. */
  startTalking(): void {
    if (!this.#media.audio.get().muted || this.#conference.self.get().isVisitor) return;
    if (!this.#isAllowed('audio')) return;
    this.#talksWhileHeld = true;
    void this.#media.setMuted('audio', false);
  }

  stopTalking(): void {
    if (!this.#talksWhileHeld) return;
    this.#talksWhileHeld = false;
    void this.#media.setMuted('audio', true);
  }

  /** They speak, and nobody hears it. Who may not unmute knows why it is silent. */
  readonly handleMutedTalk = (): void => {
    if (!this.#conference.mayUnmute('audio')) return;
    const run = () => {
      this.notices.dismiss('mutedTalk');
      void this.#media.setMuted('audio', false);
    };
    this.notices.show('mutedTalk', strings.call.mutedTalk, [{ label: strings.call.unmute, run }]);
  };

  /** The browser did not open it, or nobody can be seen. */
  tellNoSmallWindow(): void {
    this.#tell('smallWindow', strings.call.noSmallWindow);
  }

  toggleHand(): void {
    this.#conference.setRaisedHand(!this.#conference.self.get().raisedHand);
  }

  async toggleScreen(): Promise<void> {
    if (this.#screen.track.get() !== undefined) {
      this.#screen.stop();
      return;
    }
    if (this.#conference.permissions.get().get('screen-sharing') === false) {
      this.#tell('screen', strings.call.screenForbidden);
      return;
    }
    if (!this.#isAllowed('desktop')) return;
    const outcome = await this.#screen.share();
    if (outcome === 'failed') this.#tell('screen', strings.call.shareFailed);
  }

  /** @returns false for what is not done here: writing to somebody */
  apply(person: Participant, action: PersonAction): boolean {
    const { moderation, avModeration, breakoutRooms } = this.#conference.features;
    switch (action.type) {
      case 'mute':
        this.#run(moderation.mute(person.id, action.medium));
        return true;
      case 'allow':
      case 'askToUnmute':
        avModeration.allow(person.id, action.medium);
        return true;
      case 'disallow':
        avModeration.disallow(person.id, action.medium);
        return true;
      case 'sendTo':
        if (person.jid !== undefined) breakoutRooms.send(person.jid, action.room.jid);
        return true;
      case 'demote':
        this.#conference.features.visitors.demote(person.id);
        return true;
      case 'grantModerator':
        if (person.jid !== undefined) this.#run(moderation.grantModerator(person.jid));
        return true;
      case 'kick':
        this.#run(moderation.kick(person.id));
        return true;
      case 'privateMessage':
        return false;
      default: {
        const never: never = action;
        throw never;
      }
    }
  }

  /** Everybody but ourselves and other moderators. */
  muteAll(medium: 'audio' | 'video'): void {
    const isMuted = medium === 'audio' ? 'audioMuted' : 'videoMuted';
    for (const person of this.#conference.participants.get()) {
      if (person.isModerator || person[isMuted]) continue;
      this.#run(this.#conference.features.moderation.mute(person.id, medium));
    }
  }

  deny(knockerId: string): void {
    this.#run(this.#conference.features.lobbyDesk.deny(knockerId));
  }

  #isAllowed(medium: ModeratedMedium): boolean {
    if (this.#conference.mayUnmute(medium)) return true;
    const actions = this.#conference.self.get().raisedHand
      ? []
      : [{ label: strings.toolbar.raiseHand, run: () => this.#raiseHand() }];
    this.notices.show('notAllowed', strings.call.notAllowed[medium], actions);
    return false;
  }

  #raiseHand(): void {
    this.notices.dismiss('notAllowed');
    this.#conference.setRaisedHand(true);
  }

  #handleApproved(medium: ModeratedMedium, isRequest: boolean): void {
    this.notices.dismiss('notAllowed');
    const text =
      isRequest && medium === 'audio' ? strings.call.askedToUnmute : strings.call.approved[medium];
    if (medium === 'desktop' || !this.#media[medium].get().muted) {
      this.#tell('approved', text);
      return;
    }
    const label = medium === 'audio' ? strings.toolbar.unmute : strings.toolbar.cameraOn;
    const run = () => {
      this.notices.dismiss('approved');
      void this.#media.setMuted(medium, false);
    };
    this.notices.show('approved', text, [{ label, run }]);
  }

  #forgetMute(kind: LocalKind): void {
    if (this.#media[kind].get().muted) return;
    this.notices.dismiss(`muted-${kind}`);
    if (kind === 'audio') this.notices.dismiss('mutedTalk');
  }

  #tell(key: string, text: string): void {
    this.notices.show(key, text);
  }

  #run(command: Promise<void>): void {
    command.catch(() => this.#tell('refused', strings.call.commandFailed));
  }
}
