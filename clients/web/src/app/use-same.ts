/** Keeps what is computed from many values while none of them changes. */
import { useRef } from 'react';

/** The object of an earlier call as long as all fields are the same. */
export function useSame<T extends object>(value: T): T {
  const last = useRef(value);
  if (!isAlike(last.current, value)) last.current = value;
  return last.current;
}

/** @param other of the same shape */
export function isAlike<T extends object>(one: T, other: T): boolean {
  return (Object.keys(one) as (keyof T)[]).every((name) => Object.is(one[name], other[name]));
}
