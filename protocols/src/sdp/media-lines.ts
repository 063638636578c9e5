/**
 * Which m-line of the browser's session description carries which remote source (RFC 8843, RFC 8829 §5.2.1).
 *
 * Lines 0 and 1 are our own microphone and camera; a shared screen gets one when there is one. Every remote source gets a line of its own; the line of
 * a source that went away is used again, so the description stays small however many people come and go.
 */
import type { MediaType, SsrcGroup } from '../colibri/index.ts';

export interface RemoteSource {
  readonly type: MediaType;
  /** Unique in the session, `<endpoint>-v0`. */
  readonly name: string;
  /** Primary first, then its retransmission SSRC when there is one. */
  readonly ssrcs: readonly number[];
  readonly groups: readonly SsrcGroup[];
}

export interface MediaLine {
  /** `a=mid`, the decimal index of the line. */
  readonly mid: string;
  readonly type: MediaType;
  /** Our own capture is sent here; the peer's mixed source may come back on it, except on that of a screen. */
  readonly own: boolean;
  /** A screen that we share: nothing ever comes back. */
  readonly isScreen?: boolean;
  readonly source: RemoteSource | undefined;
}

export interface MediaLinesChange {
  readonly added: readonly RemoteSource[];
  readonly removed: readonly RemoteSource[];
}

export class MediaLines {
  readonly #maxSources: number;
  readonly #lines: MediaLine[] = [
    { mid: '0', type: 'audio', own: true, source: undefined },
    { mid: '1', type: 'video', own: true, source: undefined },
  ];

  /** @param maxSources remote sources held at the same time; more are refused by `add`. */
  constructor(maxSources = 500) {
    this.#maxSources = maxSources;
  }

  get lines(): readonly MediaLine[] {
    return this.#lines;
  }

  /** The mixed source of the bridge, which comes on our own line of that type. */
  setMixedSource(source: RemoteSource): void {
    const index = source.type === 'audio' ? 0 : 1;
    this.#replace(index, source);
  }

  /** The line on which a screen is shared; added once, then kept for the next time. Returns its mid. */
  addScreen(): string {
    const known = this.#lines.find(({ isScreen }) => isScreen);
    if (known !== undefined) return known.mid;
    const mid = String(this.#lines.length);
    this.#lines.push({ mid, type: 'video', own: true, isScreen: true, source: undefined });
    return mid;
  }

  find(name: string): MediaLine | undefined {
    return this.#lines.find((line) => !line.own && line.source?.name === name);
  }

  /** False when the name or an SSRC is taken, or there are too many. */
  add(source: RemoteSource): boolean {
    let active = 0;
    let free = -1;
    for (const [index, line] of this.#lines.entries()) {
      const held = line.source;
      if (held === undefined) {
        if (!line.own && line.type === source.type && free < 0) free = index;
        continue;
      }
      active++;
      if (held.name === source.name) return false;
      if (held.ssrcs.some((ssrc) => source.ssrcs.includes(ssrc))) return false;
    }
    if (source.ssrcs.length === 0 || active >= this.#maxSources) return false;
    if (free >= 0) this.#replace(free, source);
    else {
      this.#lines.push({ mid: String(this.#lines.length), type: source.type, own: false, source });
    }
    return true;
  }

  /** The source that was removed, if there was one of that name. Its line is kept for the next. */
  remove(name: string): RemoteSource | undefined {
    const index = this.#lines.findIndex((line) => !line.own && line.source?.name === name);
    const source = this.#lines[index]?.source;
    if (source !== undefined) this.#replace(index, undefined);
    return source;
  }

  #replace(index: number, source: RemoteSource | undefined): void {
    const line = this.#lines[index];
    if (line !== undefined) this.#lines[index] = { ...line, source };
  }
}
