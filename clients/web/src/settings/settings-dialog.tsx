/** During the call: what we are called, and which camera, microphone and loudspeaker are used. */
import type { Conference, LocalMedia } from '@conclave/sdk';
import { useId, useState } from 'react';
import { Dialog } from '../app/dialog.tsx';
import screen from '../app/screen.module.css';
import { Switch } from '../app/switch.tsx';
import { useStore } from '../app/use-store.ts';
import { SHORTCUTS } from '../call/shortcuts.ts';
import { browserStorage, saveSettings } from '../config/local-settings.ts';
import { useDevices } from '../prejoin/use-devices.ts';
import { strings } from '../strings/en.ts';

interface SettingsDialogProps {
  readonly conference: Conference;
  readonly media: LocalMedia;
  /** Empty for the browser's choice. */
  readonly speakerId: string;
  readonly onSpeaker: (deviceId: string) => void;
  /** Whether letters do what the buttons of the call do. */
  readonly keysOn: boolean;
  readonly onKeys: (on: boolean) => void;
  readonly onClose: () => void;
}

const KEYS = Object.entries(SHORTCUTS).map(([key, action]) =>
  strings.settings.key(key.toUpperCase(), strings.toolbar[action]),
);

export function SettingsDialog(props: SettingsDialogProps) {
  const { conference, media, speakerId, onSpeaker, onClose } = props;
  const [name, setName] = useState(conference.self.get().displayName);
  const audio = useStore(media.audio);
  const video = useStore(media.video);
  const devices = useDevices(video.track ?? audio.track);
  const texts = strings.settings;
  // Not every browser lets a page choose where the sound comes out.
  const choosesSpeaker = 'setSinkId' in HTMLMediaElement.prototype;
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
        <DeviceChoice
          label={texts.microphone}
          kind="audioinput"
          devices={devices}
          chosen={audio.track?.getSettings().deviceId ?? ''}
          onChoose={(id) => void media.chooseDevice('audio', id)}
        />
        <DeviceChoice
          label={texts.camera}
          kind="videoinput"
          devices={devices}
          chosen={video.track?.getSettings().deviceId ?? ''}
          onChoose={(id) => void media.chooseDevice('video', id)}
        />
        {choosesSpeaker && (
          <DeviceChoice
            label={texts.speaker}
            kind="audiooutput"
            devices={devices}
            chosen={speakerId}
            onChoose={onSpeaker}
          />
        )}
        <Switch
          label={texts.shortcuts}
          hint={KEYS.join(', ')}
          checked={props.keysOn}
          onChange={props.onKeys}
        />
        <button type="submit" className={screen.primary}>
          {texts.done}
        </button>
      </form>
    </Dialog>
  );
}

interface DeviceChoiceProps {
  readonly label: string;
  readonly kind: MediaDeviceKind;
  readonly devices: readonly MediaDeviceInfo[];
  readonly chosen: string;
  readonly onChoose: (deviceId: string) => void;
}

function DeviceChoice({ label, kind, devices, chosen, onChoose }: DeviceChoiceProps) {
  const id = useId();
  const choices = devices.filter((device) => device.kind === kind && device.deviceId !== '');
  const texts = strings.settings;
  const isKnown = choices.some(({ deviceId }) => deviceId === chosen);
  return (
    <div className={screen.label}>
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className={screen.input}
        value={isKnown ? chosen : ''}
        onChange={(event) => onChoose(event.target.value)}
      >
        {!isKnown && (
          <option value="">{choices.length === 0 ? texts.noDevice : texts.defaultDevice}</option>
        )}
        {choices.map(({ deviceId, label: name }, index) => (
          <option key={deviceId} value={deviceId}>
            {name === '' ? `${label} ${index + 1}` : name}
          </option>
        ))}
      </select>
    </div>
  );
}
