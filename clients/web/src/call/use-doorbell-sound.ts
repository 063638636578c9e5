/** Rings when somebody comes to the door: moderators may be looking at something else. */
import { playTones } from '@conclave/sdk';
import { useEffect, useRef } from 'react';

const BELL_HZ = [659.25, 523.25] as const;

/** @param waiting how many people want something */
export function useDoorbellSound(waiting: number, speakerId: string): void {
  const before = useRef(waiting);
  useEffect(() => {
    // Who may not play sounds yet, sees it.
    if (waiting > before.current) playTones(BELL_HZ, speakerId).catch(() => {});
    before.current = waiting;
  }, [waiting, speakerId]);
}
