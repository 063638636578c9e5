/** Keeps the screen of a phone on during the call (W3C Screen Wake Lock). */
import { useEffect } from 'react';

export function useWakeLock(): void {
  useEffect(() => {
    let ended = false;
    let lock: WakeLockSentinel | undefined;
    // The browser lets go when the page is hidden, and refuses when the battery is low.
    const acquire = async () => {
      if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
      try {
        const acquired = await navigator.wakeLock.request('screen');
        if (ended) await acquired.release();
        else lock = acquired;
      } catch {
        // Then the screen goes dark as it always does.
      }
    };
    void acquire();
    const onChange = () => void acquire();
    document.addEventListener('visibilitychange', onChange);
    return () => {
      ended = true;
      document.removeEventListener('visibilitychange', onChange);
      lock?.release().catch(() => {});
    };
  }, []);
}
