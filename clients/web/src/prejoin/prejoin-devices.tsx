/** Which camera, microphone and loudspeaker are used, and whether one hears anything; closed until somebody asks. */
import type { LocalMedia, LocalTrackState } from '@conclave/sdk';
import { useState } from 'react';
import screen from '../app/screen.module.css';
import { browserStorage, loadSettings, saveSettings } from '../config/local-settings.ts';
import { chooseDevice } from '../devices/choose-device.ts';
import { DeviceSelect } from '../devices/device-select.tsx';
import { choosesSpeaker } from '../devices/speaker.ts';
import { TestSoundButton } from '../devices/test-sound-button.tsx';
import { useDevices } from '../devices/use-devices.ts';
import { strings } from '../strings/strings.ts';
import styles from './prejoin-screen.module.css';

interface PrejoinDevicesProps {
  readonly media: LocalMedia;
  readonly audio: LocalTrackState;
  readonly video: LocalTrackState;
}

export function PrejoinDevices({ media, audio, video }: PrejoinDevicesProps) {
  const devices = useDevices(video.track ?? audio.track);
  const [speakerId, setSpeakerId] = useState(() => loadSettings(browserStorage()).speakerId);
  const texts = strings.settings;
  const chooseSpeaker = (id: string) => {
    setSpeakerId(id);
    saveSettings(browserStorage(), { speakerId: id });
  };
  return (
    <details>
      <summary className={styles.summary}>{strings.prejoin.devices}</summary>
      <div className={screen.form}>
        <DeviceSelect
          kind="audioinput"
          label={texts.microphone}
          devices={devices}
          chosen={audio.track?.getSettings().deviceId ?? ''}
          onChoose={(id) => chooseDevice(media, 'audio', id)}
        />
        <DeviceSelect
          kind="videoinput"
          label={texts.camera}
          devices={devices}
          chosen={video.track?.getSettings().deviceId ?? ''}
          onChoose={(id) => chooseDevice(media, 'video', id)}
        />
        {choosesSpeaker() && (
          <DeviceSelect
            kind="audiooutput"
            label={texts.speaker}
            devices={devices}
            chosen={speakerId}
            onChoose={chooseSpeaker}
          />
        )}
        <TestSoundButton speakerId={speakerId} />
      </div>
    </details>
  );
}
