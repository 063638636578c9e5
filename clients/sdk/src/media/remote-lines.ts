/**
 * Whose voice or picture comes on which line of the session description. Either the focus tells of each source, and each
 * has a line as long as it is there; or the bridge tells of SSRCs of its own (SSRC rewriting), and each of these has a line
 * for ever, whose owner changes.
 */
import type { AudioSourceMapping, VideoSourceMapping } from '@conclave/protocols/bridge-channel';
import type { MediaLines } from '@conclave/protocols/sdp';
import { BRIDGE_OWNER, type OwnedRemoteSource } from './remote-sources.ts';

export interface CarriedSource {
  readonly mid: string;
  readonly source: OwnedRemoteSource;
}

export interface LinesChange {
  /** Lines were added: the browser has to be told. */
  readonly isNegotiationNeeded: boolean;
  /** Mids of lines that carried somebody else so far. */
  readonly changedHands: readonly string[];
}

export class RemoteLines {
  readonly media: MediaLines;
  /** By the name of the line: that of the source, or of the SSRC. */
  readonly #sources = new Map<string, OwnedRemoteSource>();
  /** Who was on each of the bridge's SSRCs last, whether it is still there or not. */
  readonly #nameOnLine = new Map<string, string>();

  constructor(media: MediaLines) {
    this.media = media;
  }

  /** A source that the focus tells of. False when there is no place for it. */
  add(source: OwnedRemoteSource): boolean {
    if (source.owner === BRIDGE_OWNER) {
      this.media.setMixedSource(source);
      return true;
    }
    if (!this.media.add(source)) return false;
    this.#sources.set(source.name, source);
    return true;
  }

  /** Sources that the focus tells are gone. Whether lines changed. */
  remove(names: readonly string[]): boolean {
    let isChanged = false;
    for (const name of names) {
      this.#sources.delete(name);
      if (this.media.remove(name) !== undefined) isChanged = true;
    }
    return isChanged;
  }

  /** What the bridge tells of its SSRCs; what it does not name stays. */
  map(
    type: 'audio' | 'video',
    mappings: readonly (AudioSourceMapping | VideoSourceMapping)[],
  ): LinesChange {
    let isNegotiationNeeded = false;
    const changedHands: string[] = [];
    for (const mapping of mappings) {
      const { ssrc, source: name, owner } = mapping;
      const line = `ssrc-${ssrc}`;
      const rtx = 'rtx' in mapping ? mapping.rtx : undefined;
      const ssrcs = rtx === undefined ? [ssrc] : [ssrc, rtx];
      const groups = rtx === undefined ? [] : [{ semantics: 'FID' as const, ssrcs }];
      const known = this.media.find(line);
      if (known === undefined) {
        if (!this.media.add({ type, name: line, ssrcs, groups })) continue;
        isNegotiationNeeded = true;
      } else if (this.#nameOnLine.get(line) !== name) changedHands.push(known.mid);
      this.#nameOnLine.set(line, name);
      // Nobody comes twice: the source has moved here.
      for (const [other, source] of this.#sources) {
        if (other !== line && source.name === name) this.#sources.delete(other);
      }
      const isScreen = 'videoType' in mapping && mapping.videoType === 'DESKTOP';
      const videoType = isScreen ? 'desktop' : 'camera';
      this.#sources.set(line, { owner, type, name, videoType, ssrcs, groups });
    }
    return { isNegotiationNeeded, changedHands };
  }

  /** Somebody left, which the focus and the bridge need not tell. Whether lines changed. */
  removeOwner(owner: string): boolean {
    let isChanged = false;
    for (const [line, source] of this.#sources) {
      if (source.owner !== owner) continue;
      this.#sources.delete(line);
      // A line that is named after an SSRC waits for its next owner.
      if (line === source.name && this.media.remove(line) !== undefined) isChanged = true;
    }
    return isChanged;
  }

  /** Lines that carry somebody. */
  *carried(): Generator<CarriedSource> {
    for (const { own, mid, source: line } of this.media.lines) {
      const source = line === undefined || own ? undefined : this.#sources.get(line.name);
      if (source !== undefined) yield { mid, source };
    }
  }
}
