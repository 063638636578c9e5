/** Readers of single fields: a value of the right type and size, or undefined. Never throw. */
import { isJsonObject } from '@conclave/base';
import { CHANNEL_LIMITS } from './limits.ts';
import type { BridgeVideoType, VideoConstraints } from './messages.ts';

/** A class refuses a message by returning this from its reader. */
export const BAD_FIELD = Symbol('bad field');

export function readName(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > CHANNEL_LIMITS.maxNameLength) return undefined;
  return value;
}

/** An integer not below -1, as all limits on the channel are. */
export function readLimit(value: unknown): number | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < -1) return undefined;
  return Math.min(Math.trunc(value), Number.MAX_SAFE_INTEGER);
}

export function readNames(value: unknown): readonly string[] | undefined {
  return readList(value, readName);
}

/** Each entry has to be readable. */
export function readList<T>(
  value: unknown,
  read: (item: unknown) => T | undefined,
): readonly T[] | undefined {
  if (!Array.isArray(value) || value.length > CHANNEL_LIMITS.maxEntries) return undefined;
  const items: T[] = [];
  for (const entry of value) {
    const item = read(entry);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

export function readConstraints(value: unknown): VideoConstraints | undefined {
  if (!isJsonObject(value)) return undefined;
  // COMPAT: clients leave maxHeight out when they only limit the frame rate.
  const maxHeight = value.maxHeight === undefined ? -1 : readLimit(value.maxHeight);
  if (maxHeight === undefined) return undefined;
  if (value.maxFrameRate === undefined) return { maxHeight };
  if (typeof value.maxFrameRate !== 'number' || !Number.isFinite(value.maxFrameRate)) {
    return undefined;
  }
  return { maxHeight, maxFrameRate: value.maxFrameRate };
}

export function readConstraintsMap(
  value: unknown,
): Readonly<Record<string, VideoConstraints>> | undefined {
  if (!isJsonObject(value)) return undefined;
  const names = Object.keys(value);
  if (names.length > CHANNEL_LIMITS.maxEntries) return undefined;
  // No prototype: a source may be called "constructor".
  const map: Record<string, VideoConstraints> = Object.create(null);
  for (const name of names) {
    const constraints = readConstraints(value[name]);
    if (readName(name) === undefined || constraints === undefined) return undefined;
    map[name] = constraints;
  }
  return map;
}

export function readVideoType(value: unknown): BridgeVideoType | undefined {
  switch (value) {
    case 'camera':
    case 'desktop':
    case 'desktop_high_fps':
    case 'none':
      return value;
    default:
      return undefined;
  }
}

/** `undefined` when the field is absent, `BAD_FIELD` when it is there and wrong. */
export function optional<T>(
  value: unknown,
  read: (value: unknown) => T | undefined,
): T | undefined | typeof BAD_FIELD {
  if (value === undefined || value === null) return undefined;
  const result = read(value);
  return result === undefined ? BAD_FIELD : result;
}
