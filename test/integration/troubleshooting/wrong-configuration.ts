/** One configuration that is wrong, and a section of those that are told of in the same place. */

export interface WrongConfiguration {
  /** What somebody did, in a few words. */
  readonly what: string;
  /** The setting that the message must name. */
  readonly setting: string;
  /** A part of the message, literally. */
  readonly says: string;
  /** On top of what the section sets; `{…}` stands for something of the test (`places.ts`). */
  readonly settings: Readonly<Record<string, string>>;
}

export interface Section {
  readonly title: string;
  /** Where the message is to be found. */
  readonly shownBy:
    | 'the start, which stops'
    | 'the log at the start'
    | 'the log when somebody logs in';
  readonly settings: Readonly<Record<string, string>>;
  readonly entries: readonly WrongConfiguration[];
}

export const wrong = (
  what: string,
  setting: string,
  says: string,
  settings: Readonly<Record<string, string>>,
): WrongConfiguration => ({ what, setting, says, settings });
