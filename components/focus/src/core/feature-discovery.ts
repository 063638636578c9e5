/**
 * What a client can do: asked once per capabilities hash (XEP-0115), then remembered. An answer is
 * remembered only if it matches the hash, so that nobody can lie about another client's features.
 */
import type { XmlElement } from '@conclave/protocols/xml';
import {
  capsVerificationText,
  type DiscoInfo,
  discoInfoFromXml,
  discoInfoToXml,
  NS,
} from '@conclave/protocols/xmpp';
import { FALLBACK_FEATURES } from './features.ts';
import type { IqReply, IqSender } from './iq-tracker.ts';

/** Distinct versions of clients that are remembered; the oldest is forgotten first. */
const MAX_CACHED = 1_000;

export interface FeatureDiscoveryDependencies {
  readonly iqs: IqSender;
  /** SHA-1 of UTF-8 text, in base64. */
  readonly sha1Base64: (text: string) => string;
}

export interface FeatureDiscoveryOptions {
  readonly focusJid: string;
  readonly discoveryTimeoutMs: number;
}

/** What users of the discovery see. */
export interface FeatureSource {
  /** Calls back once, at once when the answer is known. `presence` is the client's. */
  discover(
    realJid: string,
    presence: XmlElement,
    onFeatures: (features: ReadonlySet<string>) => void,
  ): void;
}

export class FeatureDiscovery implements FeatureSource {
  readonly #deps: FeatureDiscoveryDependencies;
  readonly #options: FeatureDiscoveryOptions;
  readonly #known = new Map<string, ReadonlySet<string>>();

  constructor(deps: FeatureDiscoveryDependencies, options: FeatureDiscoveryOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  discover(
    realJid: string,
    presence: XmlElement,
    onFeatures: (features: ReadonlySet<string>) => void,
  ): void {
    const caps = presence.child('c', NS.caps);
    const ver = caps?.attribute('hash') === 'sha-1' ? caps.attribute('ver') : undefined;
    const node = caps?.attribute('node') ?? '';
    const known = ver === undefined ? undefined : this.#known.get(ver);
    if (known !== undefined) {
      onFeatures(known);
      return;
    }
    const payload = discoInfoToXml({
      ...(ver !== undefined && { node: `${node}#${ver}` }),
      identities: [],
      features: [],
    });
    this.#deps.iqs.request(
      { type: 'get', from: this.#options.focusJid, to: realJid, payload },
      this.#options.discoveryTimeoutMs,
      (reply) => onFeatures(this.#featuresOf(reply, ver)),
    );
  }

  #featuresOf(reply: IqReply, ver: string | undefined): ReadonlySet<string> {
    const payload = reply.type === 'result' ? reply.payload : undefined;
    const info = payload === undefined ? undefined : discoInfoFromXml(payload);
    if (info === undefined || info.features.length === 0) return FALLBACK_FEATURES;
    const features = new Set(info.features);
    if (ver !== undefined && this.#matches(info, ver)) this.#remember(ver, features);
    return features;
  }

  #matches(info: DiscoInfo, ver: string): boolean {
    return this.#deps.sha1Base64(capsVerificationText(info)) === ver;
  }

  #remember(ver: string, features: ReadonlySet<string>): void {
    this.#known.set(ver, features);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_CACHED) break;
      this.#known.delete(oldest);
    }
  }
}
