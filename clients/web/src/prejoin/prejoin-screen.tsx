/** Before the call: how we look, what is on, what we are called. */
import { useState } from 'react';
import { Page } from '../app/page.tsx';
import screen from '../app/screen.module.css';
import { useFirstFocus } from '../app/use-first-focus.ts';
import { useStore } from '../app/use-store.ts';
import { ControlButton } from '../call/control-button.tsx';
import { isMirror, useTrackStream } from '../call/use-track-stream.ts';
import { VideoView } from '../call/video-view.tsx';
import { deviceProblems } from '../devices/device-problems.ts';
import { LevelMeter } from '../devices/level-meter.tsx';
import { CameraIcon, MicrophoneIcon } from '../icons/icons.tsx';
import type { RoomModel } from '../room/room-model.ts';
import { strings } from '../strings/strings.ts';
import { PrejoinDevices } from './prejoin-devices.tsx';
import styles from './prejoin-screen.module.css';

interface PrejoinScreenProps {
  readonly model: RoomModel;
  readonly initialName: string;
  readonly onJoin: (displayName: string) => void;
}

export function PrejoinScreen({ model, initialName, onJoin }: PrejoinScreenProps) {
  const [name, setName] = useState(initialName);
  const media = useStore(model.localMedia);
  const audio = useStore(media.audio);
  const video = useStore(media.video);
  const joining = useStore(model.phase).type === 'joining';
  const connection = useStore(model.connectionState);
  const unreachable = connection.type === 'connecting' && connection.failures > 1;
  const stream = useTrackStream(video.track);
  const nameInput = useFirstFocus<HTMLInputElement>();
  const texts = strings.prejoin;

  return (
    <Page title={texts.title} wide focusTitle={false}>
      <div className={styles.columns}>
        <div className={styles.preview}>
          {stream === undefined ? (
            <p className={styles.placeholder}>
              {video.pending ? texts.cameraStarting : texts.cameraOff}
            </p>
          ) : (
            <VideoView stream={stream} mirrored={isMirror(stream)} label={texts.previewLabel} />
          )}
          <div className={styles.toggles}>
            <ControlButton
              label={strings.toolbar.microphone}
              hint={audio.muted ? strings.toolbar.unmute : strings.toolbar.mute}
              pressed={!audio.muted}
              off={audio.muted}
              onClick={() => void media.setMuted('audio', !audio.muted)}
            >
              <MicrophoneIcon off={audio.muted} />
            </ControlButton>
            <ControlButton
              label={strings.toolbar.camera}
              hint={video.muted ? strings.toolbar.cameraOn : strings.toolbar.cameraOff}
              pressed={!video.muted}
              off={video.muted}
              onClick={() => void media.setMuted('video', !video.muted)}
            >
              <CameraIcon off={video.muted} />
            </ControlButton>
          </div>
        </div>
        <form
          className={screen.form}
          onSubmit={(event) => {
            event.preventDefault();
            onJoin(name.trim());
          }}
        >
          <p className={styles.room}>
            <span className={screen.soft}>{texts.room}: </span>
            {model.roomName}
          </p>
          <label className={screen.label}>
            {texts.nameLabel}
            <input
              className={screen.input}
              value={name}
              onChange={(event) => setName(event.target.value)}
              placeholder={texts.namePlaceholder}
              autoComplete="name"
              maxLength={100}
              ref={nameInput}
            />
          </label>
          <LevelMeter track={audio.track} />
          <div role="status" className={screen.form}>
            {deviceProblems(audio.error, video.error).map(({ text }) => (
              <p key={text} className={screen.error}>
                {text}
              </p>
            ))}
            {unreachable && <p className={screen.error}>{texts.unreachable}</p>}
          </div>
          <button type="submit" className={screen.primary} disabled={joining}>
            {joining ? texts.joining : texts.join}
          </button>
          <PrejoinDevices media={media} audio={audio} video={video} />
        </form>
      </div>
    </Page>
  );
}
