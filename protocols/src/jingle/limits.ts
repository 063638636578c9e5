/** Sizes beyond which a Jingle message is refused: memory and work per message have a bound. */

export interface JingleLimits {
  readonly contents: number;
  readonly payloadTypes: number;
  readonly parameters: number;
  readonly headerExtensions: number;
  readonly candidates: number;
  readonly fingerprints: number;
  /** Sources in all contents and in JSON together; the same number for groups. */
  readonly sources: number;
  readonly groupMembers: number;
  /** Characters of any attribute or text that is kept. */
  readonly textLength: number;
  /** Characters of a `json-message`. */
  readonly jsonLength: number;
}

/** For what clients send to the focus. */
export const DEFAULT_JINGLE_LIMITS: JingleLimits = {
  contents: 32,
  payloadTypes: 128,
  parameters: 32,
  headerExtensions: 64,
  candidates: 64,
  fingerprints: 4,
  sources: 256,
  groupMembers: 16,
  textLength: 1024,
  jsonLength: 65_536,
};

/** For what a client reads from its own server: a full conference has thousands of sources. */
export const CLIENT_JINGLE_LIMITS: JingleLimits = {
  ...DEFAULT_JINGLE_LIMITS,
  sources: 8192,
  jsonLength: 1_048_576,
};

/** Thrown inside the reader only; `jingleFromXml` turns it into a result. */
export class JingleRefused extends Error {}

/** Counts what one message may hold. */
export class JingleBudget {
  readonly limits: JingleLimits;
  #sources = 0;
  #groups = 0;

  constructor(limits: JingleLimits) {
    this.limits = limits;
  }

  countSource(): void {
    if (++this.#sources > this.limits.sources) throw new JingleRefused('too many sources');
  }

  countGroup(): void {
    if (++this.#groups > this.limits.sources) throw new JingleRefused('too many source groups');
  }

  /** The text, or undefined when it is absent; refuses what is too long. */
  text(value: string | undefined): string | undefined {
    if (value !== undefined && value.length > this.limits.textLength) {
      throw new JingleRefused('text too long');
    }
    return value;
  }

  list<T>(items: readonly T[], limit: number, what: string): readonly T[] {
    if (items.length > limit) throw new JingleRefused(`too many ${what}`);
    return items;
  }
}

/** A decimal integer within bounds, or undefined. No sign, no space, no exponent. */
export function parseInteger(
  text: string | undefined,
  min: number,
  max: number,
): number | undefined {
  if (text === undefined || !/^\d{1,15}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}

export const MAX_SSRC = 0xffff_ffff;
