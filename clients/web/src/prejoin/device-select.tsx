/** Chooses among several cameras or microphones; not shown when there is nothing to choose. */
import screen from '../app/screen.module.css';

interface DeviceSelectProps {
  readonly kind: MediaDeviceKind;
  readonly label: string;
  readonly devices: readonly MediaDeviceInfo[];
  readonly onChoose: (deviceId: string) => void;
}

export function DeviceSelect({ kind, label, devices, onChoose }: DeviceSelectProps) {
  const choices = devices.filter((device) => device.kind === kind && device.deviceId !== '');
  if (choices.length < 2) return null;
  return (
    <label className={screen.label}>
      {label}
      <select className={screen.input} onChange={(event) => onChoose(event.target.value)}>
        {choices.map(({ deviceId, label: name }, index) => (
          <option key={deviceId} value={deviceId}>
            {name === '' ? `${label} ${index + 1}` : name}
          </option>
        ))}
      </select>
    </label>
  );
}
