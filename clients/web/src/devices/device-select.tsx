/** Chooses among several cameras, microphones or loudspeakers. */
import { useId } from 'react';
import screen from '../app/screen.module.css';
import { strings } from '../strings/strings.ts';

interface DeviceSelectProps {
  readonly label: string;
  readonly kind: MediaDeviceKind;
  readonly devices: readonly MediaDeviceInfo[];
  /** Device id; empty when it is not known. */
  readonly chosen: string;
  readonly onChoose: (deviceId: string) => void;
}

export function DeviceSelect({ label, kind, devices, chosen, onChoose }: DeviceSelectProps) {
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
