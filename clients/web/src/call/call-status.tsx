/** Banners: what is wrong with the connection, the devices or the sound, most important first. */
import type { Conference, LocalMedia } from '@conclave/sdk';
import { useStore } from '../app/use-store.ts';
import { type DeviceProblem, deviceProblems } from '../devices/device-problems.ts';
import type { RoomModel } from '../room/room-model.ts';
import { strings } from '../strings/strings.ts';
import { Banner, BannerButton } from './banner.tsx';
import type { CallNotices } from './call-notices.ts';
import styles from './call-status.module.css';

interface CallStatusProps {
  readonly model: RoomModel;
  readonly conference: Conference;
  readonly media: LocalMedia;
  readonly notices: CallNotices;
  readonly audioBlocked: boolean;
  readonly onUnblockAudio: () => void;
}

/** Below this (of 100) others hear and see us badly, and we them: time to say what helps. */
const BAD_QUALITY = 40;

export function CallStatus(props: CallStatusProps) {
  const { model, conference, media, audioBlocked, onUnblockAudio } = props;
  const connection = useStore(model.connectionState);
  const mediaState = useStore(conference.media.state);
  const bridgeAvailable = useStore(conference.bridgeAvailable);
  const others = useStore(conference.participants).length;
  const audio = useStore(media.audio);
  const video = useStore(media.video);
  const notices = useStore(props.notices.all);
  const isSharing = useStore(model.screen.track) !== undefined;
  const sharesSound = useStore(model.screen.sound) !== undefined;
  const self = useStore(conference.self);
  const ownQuality = useStore(conference.media.quality.all).get(self.id);

  const trouble = () => {
    if (connection.type === 'reconnecting') return strings.call.reconnecting;
    if (others === 0) return undefined;
    if (!bridgeAvailable) return strings.call.noBridge;
    if (mediaState === 'interrupted' || mediaState === 'failed') {
      return strings.call.mediaInterrupted;
    }
    if (mediaState !== 'connected') return strings.call.mediaConnecting;
    return ownQuality !== undefined && ownQuality < BAD_QUALITY
      ? strings.call.ownConnectionBad
      : undefined;
  };
  const text = trouble();
  const playAll = () => {
    // Safari on a phone that saves power stops pictures too.
    const elements = document.querySelectorAll<HTMLMediaElement>('audio, video');
    for (const element of elements) element.play().catch(() => {});
    onUnblockAudio();
  };
  return (
    <div className={styles.status} role="status">
      {text !== undefined && <Banner text={text} />}
      {deviceProblems(audio.error, video.error).map((problem) => (
        <DeviceBanner key={problem.text} {...problem} media={media} />
      ))}
      {self.isVisitor && (
        <Banner
          text={self.raisedHand ? strings.visitors.asked : strings.visitors.lookingOn}
          kind="news"
        >
          <BannerButton
            text={self.raisedHand ? strings.visitors.takeBack : strings.visitors.askToTakePart}
            onClick={() => conference.setRaisedHand(!self.raisedHand)}
          />
        </Banner>
      )}
      {isSharing && (
        <Banner text={sharingText(model.screen.canShareSound, sharesSound)} kind="news">
          <BannerButton text={strings.toolbar.stopSharing} onClick={() => model.screen.stop()} />
        </Banner>
      )}
      {notices.map(({ key, text: news, actions }) => (
        <Banner key={key} text={news} kind="news">
          {actions.map(({ label, run }) => (
            <BannerButton key={label} text={label} onClick={run} />
          ))}
          <BannerButton text={strings.call.dismiss} onClick={() => props.notices.dismiss(key)} />
        </Banner>
      ))}
      {audioBlocked && (
        <Banner text={strings.call.audioBlocked}>
          <BannerButton text={strings.call.playAudio} onClick={playAll} />
        </Banner>
      )}
    </div>
  );
}

function sharingText(canShareSound: boolean, sharesSound: boolean): string {
  const { withSound, withoutSound, soundImpossible } = strings.call.sharing;
  if (sharesSound) return withSound;
  return canShareSound ? withoutSound : soundImpossible;
}

function DeviceBanner(props: DeviceProblem & { readonly media: LocalMedia }) {
  const { text, kinds, media } = props;
  const tryAgain = () => {
    for (const kind of kinds) void media.setMuted(kind, false);
  };
  const forget = () => {
    for (const kind of kinds) media.forgetError(kind);
  };
  return (
    <Banner text={text}>
      <BannerButton text={strings.call.tryAgain} onClick={tryAgain} />
      <BannerButton text={strings.call.dismiss} onClick={forget} />
    </Banner>
  );
}
