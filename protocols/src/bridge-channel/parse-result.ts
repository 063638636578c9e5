/** The common frame of both directions: text to a JSON object with a class, within the limits. */
import { isJsonObject } from '@conclave/base';
import { readName } from './fields.ts';
import { CHANNEL_LIMITS, nestsDeeperThan } from './limits.ts';
import type { JsonObject } from './messages.ts';

export type ChannelParseError =
  | 'too-long'
  | 'too-deep'
  /** No JSON, or JSON that is no object. */
  | 'not-json'
  /** No `colibriClass`. */
  | 'no-class'
  /** A class this side does not know: to be ignored. */
  | 'unknown-class'
  /** A known class with a missing field, a field of the wrong type, or too many entries. */
  | 'bad-field';

export type ChannelParseResult<M> =
  | { readonly type: 'message'; readonly message: M }
  | { readonly type: 'refused'; readonly reason: ChannelParseError };

function parseFrame(text: string): JsonObject | ChannelParseError {
  if (text.length > CHANNEL_LIMITS.maxLength) return 'too-long';
  if (nestsDeeperThan(text, CHANNEL_LIMITS.maxDepth)) return 'too-deep';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'not-json';
  }
  if (!isJsonObject(value)) return 'not-json';
  return readName(value.colibriClass) === undefined ? 'no-class' : value;
}

export function parseWith<M extends object>(
  text: string,
  read: (object: JsonObject) => M | 'unknown-class' | 'bad-field',
): ChannelParseResult<M> {
  const frame = parseFrame(text);
  if (typeof frame === 'string') return { type: 'refused', reason: frame };
  const message = read(frame);
  if (typeof message === 'string') return { type: 'refused', reason: message };
  return { type: 'message', message };
}
