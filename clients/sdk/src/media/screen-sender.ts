/**
 * Tells the focus of the screen that we share during one session: `source-add` when it begins, `source-remove` when it
 * ends, one after the other however fast the person changes their mind (Jitsi's multi-stream: a second video source).
 */
import { type Jingle, jingleToXml } from '@conclave/protocols/jingle';
import type { LocalMedia as LocalLine } from '@conclave/protocols/sdp';
import type { XmlElement } from '@conclave/protocols/xml';
import type { LocalScreen } from './local-screen.ts';

export interface ScreenSenderDependencies {
  readonly screen: LocalScreen;
  /** Sends this track from now on, or nothing; resolves with the line it goes out on. */
  sendTrack(track: MediaStreamTrack | undefined): Promise<LocalLine | undefined>;
  /** Rejects with a RequestError. */
  requestFocus(payload: XmlElement): Promise<unknown>;
  /** The room has no place for another picture; the screen is no longer shared. */
  onRefused(): void;
}

export interface ScreenSenderOptions {
  readonly endpointId: string;
  /** Of the session. */
  readonly offer: Pick<Jingle, 'sid' | 'initiator'>;
  /** A token that differs between sessions, for the stream ids. */
  readonly streamTag: string;
}

/** Name of the source, and of the stream it is in. */
export function screenSourceName(endpointId: string): string {
  return `${endpointId}-v1`;
}

export class ScreenSender {
  readonly #dependencies: ScreenSenderDependencies;
  readonly #options: ScreenSenderOptions;
  readonly #unsubscribe: () => void;
  #sent: MediaStreamTrack | undefined;
  #announced: LocalLine | undefined;
  #queue: Promise<void> = Promise.resolve();
  #closed = false;

  /** Begins at once when a screen is shared already. */
  constructor(dependencies: ScreenSenderDependencies, options: ScreenSenderOptions) {
    this.#dependencies = dependencies;
    this.#options = options;
    this.#unsubscribe = dependencies.screen.track.subscribe(() => this.#update());
    this.#update();
  }

  /** Idempotent. Does not stop the screen: the next session goes on with it. */
  close(): void {
    this.#closed = true;
    this.#unsubscribe();
  }

  #update(): void {
    this.#queue = this.#queue.then(() => this.#follow()).catch(() => this.#refuse());
  }

  async #follow(): Promise<void> {
    const track = this.#dependencies.screen.track.get();
    if (this.#closed || track === this.#sent) return;
    this.#sent = track;
    const line = await this.#dependencies.sendTrack(track);
    if (this.#closed) return;
    const before = this.#announced;
    if (before !== undefined) {
      this.#announced = undefined;
      await this.#dependencies.requestFocus(this.#change('source-remove', before));
    }
    if (line === undefined || this.#closed) return;
    this.#announced = line;
    await this.#dependencies.requestFocus(this.#change('source-add', line));
  }

  #refuse(): void {
    if (this.#closed) return;
    this.#announced = undefined;
    this.#dependencies.screen.stop();
    this.#dependencies.onRefused();
  }

  #change(action: 'source-add' | 'source-remove', { ssrcs, groups }: LocalLine): XmlElement {
    const { endpointId, offer, streamTag } = this.#options;
    const msid = `${endpointId}-video-1 ${streamTag}-screen`;
    const name = screenSourceName(endpointId);
    const videoType = 'desktop' as const;
    return jingleToXml({
      action,
      sid: offer.sid,
      ...(offer.initiator !== undefined && { initiator: offer.initiator }),
      bundle: [],
      contents: [
        {
          name: 'video',
          creator: 'responder',
          description: {
            media: 'video',
            payloadTypes: [],
            headerExtensions: [],
            rtcpFeedback: [],
            rtcpMux: false,
            extmapAllowMixed: false,
            sources: ssrcs.map((ssrc) => ({ ssrc, name, msid, videoType })),
            groups,
          },
        },
      ],
    });
  }
}
