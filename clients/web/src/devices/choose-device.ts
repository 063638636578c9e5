/** Uses another camera or microphone from now on, also at the next visit. */
import type { LocalKind, LocalMedia } from '@conclave/sdk';
import { browserStorage, loadSettings, saveSettings } from '../config/local-settings.ts';

export function chooseDevice(media: LocalMedia, kind: LocalKind, deviceId: string): void {
  const storage = browserStorage();
  saveSettings(storage, { devices: { ...loadSettings(storage).devices, [kind]: deviceId } });
  void media.chooseDevice(kind, deviceId);
}
