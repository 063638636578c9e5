/** Cameras and microphones, with names once the browser tells them. */
import { useEffect, useState } from 'react';

export function useDevices(refresh: unknown): readonly MediaDeviceInfo[] {
  const [devices, setDevices] = useState<readonly MediaDeviceInfo[]>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the names come when a device was opened
  useEffect(() => {
    const source: MediaDevices | undefined = navigator.mediaDevices;
    if (source === undefined) return;
    const read = () => {
      source.enumerateDevices().then(setDevices, () => setDevices([]));
    };
    read();
    source.addEventListener('devicechange', read);
    return () => source.removeEventListener('devicechange', read);
  }, [refresh]);
  return devices;
}
