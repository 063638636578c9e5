/**
 * What one setting is: a name (docker-jitsi-meet's where it has one), a reader of its text, and what
 * the documents say about it. The kinds are in `value-kinds.ts` and `address-kinds.ts`.
 */

/** The outcome of reading a text: a value, or what would have been right (`a whole number …`). */
export type Read<T> = { readonly value: T } | { readonly expected: string };

export interface Setting<T> {
  readonly group: string;
  /** One sentence for the operator. */
  readonly sentence: string;
  /** The type with unit and range, in words: `port, 1 to 65535`. */
  readonly kind: string;
  /** The default as it would be written in the environment; '' for none. */
  readonly defaultText: string;
  /** Never printed. */
  readonly isSecret: boolean;
  read(text: string): Read<T>;
}

export interface Common {
  readonly group: string;
  readonly sentence: string;
}

export function setting<T>(
  common: Common,
  kind: string,
  defaultText: string,
  read: (text: string) => Read<T>,
): Setting<T> {
  return { ...common, kind, defaultText, isSecret: false, read };
}

const MAX_LIST = 32;
/** Of one text, in UTF-16 units. */
export const MAX_TEXT = 1024;

const COMMAS = { pattern: /,/, word: 'commas' };

/** Values that `readOne` takes, up to `MAX_LIST` of them. */
export function list<T>(
  options: Common,
  kind: string,
  each: string,
  readOne: (text: string) => T | undefined,
  separator: { readonly pattern: RegExp; readonly word: string } = COMMAS,
): Setting<readonly T[]> {
  return setting(options, kind, '', (text) => {
    const parts = text.split(separator.pattern).map((part) => part.trim());
    const values: T[] = [];
    for (const part of parts) {
      if (part === '') continue;
      const value = readOne(part);
      if (value === undefined || values.length === MAX_LIST) {
        return { expected: `${each}, separated by ${separator.word}, at most ${MAX_LIST}` };
      }
      values.push(value);
    }
    return { value: values };
  });
}
