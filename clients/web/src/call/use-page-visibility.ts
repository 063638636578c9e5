/** Whether anybody can look at the page. Who only glances at another tab finds everything as it was. */
import { useEffect, useState } from 'react';

const GLANCE_MS = 5_000;

export function usePageVisibility(): boolean {
  const [isVisible, setIsVisible] = useState(true);
  useEffect(() => {
    let timer: number | undefined;
    const update = () => {
      window.clearTimeout(timer);
      if (document.visibilityState === 'visible') setIsVisible(true);
      else timer = window.setTimeout(() => setIsVisible(false), GLANCE_MS);
    };
    update();
    document.addEventListener('visibilitychange', update);
    return () => {
      window.clearTimeout(timer);
      document.removeEventListener('visibilitychange', update);
    };
  }, []);
  return isVisible;
}
