/** Puts the focus on what one came for, once it is there. */
import { type RefObject, useEffect, useRef } from 'react';

/** @returns what must be put on the element */
export function useFirstFocus<T extends HTMLElement>(): RefObject<T | null> {
  const element = useRef<T>(null);
  useEffect(() => element.current?.focus(), []);
  return element;
}
