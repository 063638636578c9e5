/** During the call: what we are called, which camera, microphone and loudspeaker are used, and how we like it. */
import type { Conference, LocalMedia } from '@conclave/sdk';
import { useState } from 'react';
import { Dialog } from '../app/dialog.tsx';
import { LanguageSelect } from '../app/language-select.tsx';
import screen from '../app/screen.module.css';
import { Switch } from '../app/switch.tsx';
import { useStore } from '../app/use-store.ts';
import type { Preferences } from '../call/use-preferences.ts';
import { isVideoQuality, VIDEO_QUALITIES } from '../call/video-quality.ts';
import { browserStorage, saveSettings } from '../config/local-settings.ts';
import { chooseDevice } from '../devices/choose-device.ts';
import { DeviceSelect } from '../devices/device-select.tsx';
import { LevelMeter } from '../devices/level-meter.tsx';
import { choosesSpeaker } from '../devices/speaker.ts';
import { TestSoundButton } from '../devices/test-sound-button.tsx';
import { useDevices } from '../devices/use-devices.ts';
import { strings } from '../strings/strings.ts';

interface SettingsDialogProps {
  readonly conference: Conference;
  readonly media: LocalMedia;
  readonly preferences: Preferences;
  readonly onPreferences: (change: Partial<Preferences>) => void;
  readonly onClose: () => void;
}

export function SettingsDialog(props: SettingsDialogProps) {
  const { conference, media, preferences, onPreferences, onClose } = props;
  const { speakerId, quality, keysOff } = preferences;
  const [name, setName] = useState(conference.self.get().displayName);
  const audio = useStore(media.audio);
  const video = useStore(media.video);
  const noiseSuppression = useStore(media.noiseSuppression);
  const devices = useDevices(video.track ?? audio.track);
  const texts = strings.settings;
  return (
    <Dialog title={texts.title} onClose={onClose}>
      <form
        className={screen.form}
        onSubmit={(event) => {
          event.preventDefault();
          const displayName = name.trim();
          if (displayName !== conference.self.get().displayName) {
            conference.setDisplayName(displayName);
            saveSettings(browserStorage(), { displayName });
          }
          onClose();
        }}
      >
        <label className={screen.label}>
          {texts.name}
          <input
            className={screen.input}
            value={name}
            maxLength={100}
            autoComplete="name"
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <DeviceSelect
          label={texts.microphone}
          kind="audioinput"
          devices={devices}
          chosen={audio.track?.getSettings().deviceId ?? ''}
          onChoose={(id) => chooseDevice(media, 'audio', id)}
        />
        <LevelMeter track={audio.track} />
        <Switch
          label={texts.noise}
          hint={texts.noiseHint}
          checked={noiseSuppression}
          onChange={(on) => {
            saveSettings(browserStorage(), { noiseSuppression: on });
            void media.setNoiseSuppression(on);
          }}
        />
        <DeviceSelect
          label={texts.camera}
          kind="videoinput"
          devices={devices}
          chosen={video.track?.getSettings().deviceId ?? ''}
          onChoose={(id) => chooseDevice(media, 'video', id)}
        />
        {choosesSpeaker() && (
          <DeviceSelect
            label={texts.speaker}
            kind="audiooutput"
            devices={devices}
            chosen={speakerId}
            onChoose={(id) => onPreferences({ speakerId: id })}
          />
        )}
        <TestSoundButton speakerId={speakerId} />
        <label className={screen.label}>
          {texts.quality}
          <select
            className={screen.input}
            value={quality}
            onChange={({ target: { value } }) => {
              if (isVideoQuality(value)) onPreferences({ quality: value });
            }}
          >
            {VIDEO_QUALITIES.map((each) => (
              <option key={each} value={each}>
                {texts.qualities[each]}
              </option>
            ))}
          </select>
        </label>
        <LanguageSelect />
        <Switch
          label={texts.shortcuts}
          hint={texts.shortcutsHint}
          checked={!keysOff}
          onChange={(on) => onPreferences({ keysOff: !on })}
        />
        <button type="submit" className={screen.primary}>
          {texts.done}
        </button>
      </form>
    </Dialog>
  );
}
