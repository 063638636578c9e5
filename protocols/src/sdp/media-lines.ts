/**
 * Which m-line of the browser's session description carries which remote source (RFC 8843, RFC 8829 §5.2.1).
 *
 * Lines 0 and 1 are our own microphone and camera, line 2 that of data channels if there are any; a shared screen gets one when
 * there is one. Every remote source gets a line of its own; the line of
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
  readonly type: MediaType | 'application';
  /** Our own capture is sent here; the peer's mixed source may come back on it, except on that of a screen. */
  readonly own: boolean;
  /** A screen that we share: nothing ever comes back. */
  readonly isScreen?: boolean;
  readonly source: RemoteSource | undefined;
}

export class MediaLines {
  readonly #maxSources: number;
  /** Primary SSRC that each line carried before it became free, by mid. */
  readonly #formerSsrcs = new Map<string, number>();
  /** Mids of lines that got back the source they had carried before. */
  readonly #revived = new Set<string>();
  readonly #lines: MediaLine[] = [
    { mid: '0', type: 'audio', own: true, source: undefined },
    { mid: '1', type: 'video', own: true, source: undefined },
  ];

  /**
   * @param maxSources remote sources held at the same time; more are refused by `add`.
   * @param hasData there are data channels
   */
  constructor(maxSources = 500, hasData = false) {
    this.#maxSources = maxSources;
    if (hasData) this.#lines.push({ mid: '2', type: 'application', own: true, source: undefined });
  }

  get lines(): readonly MediaLine[] {
    return this.#lines;
  }

  /**
   * What has to be negotiated first, when a source came back to the line that it had left; undefined mostly, and after it
   * was asked once. Chromium forgets to show a picture whose SSRC is the last one that the line had: for a moment the
   * line has another one.
   */
  takeDetour(): readonly MediaLine[] | undefined {
    if (this.#revived.size === 0) return undefined;
    const revived = new Set(this.#revived);
    this.#revived.clear();
    const used = new Set(this.#lines.flatMap(({ source }) => source?.ssrcs ?? []));
    return this.#lines.map((line) => {
      const [ssrc = 0] = line.source?.ssrcs ?? [];
      if (line.source === undefined || !revived.has(line.mid)) return line;
      let substitute = ssrc;
      do substitute = (substitute % 0xffff_ffff) + 1;
      while (used.has(substitute));
      used.add(substitute);
      return { ...line, source: { ...line.source, ssrcs: [substitute], groups: [] } };
    });
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
    const { mid = '' } = this.#lines[free] ?? {};
    if (free >= 0 && this.#formerSsrcs.get(mid) === source.ssrcs[0]) this.#revived.add(mid);
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
    const { mid = '' } = this.#lines[index] ?? {};
    if (source === undefined) return undefined;
    this.#replace(index, undefined);
    // Gone again before it was shown: the line still is as it was.
    if (!this.#revived.delete(mid)) this.#formerSsrcs.set(mid, source.ssrcs[0] ?? 0);
    return source;
  }

  #replace(index: number, source: RemoteSource | undefined): void {
    const line = this.#lines[index];
    if (line !== undefined) this.#lines[index] = { ...line, source };
  }
}
