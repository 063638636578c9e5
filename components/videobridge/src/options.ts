/** What the bridge worker is started with; plain data, copied to the thread. */

/** `VideobridgeOptions.ssrcSlots` when nothing is said; Jitsi's. */
export const DEFAULT_SSRC_SLOTS = 50;

export interface AdvertisedAddress {
  /** An IPv4 or IPv6 literal under which clients reach this machine. */
  readonly address: string;
  /** When the port outside differs from `udpPort`. */
  readonly port?: number;
}

export interface VideobridgeIceOptions {
  readonly consentIntervalMs?: number;
  readonly consentTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
}

export interface VideobridgeLimits {
  /** Endpoints in one conference, default 200. */
  readonly maxEndpointsPerConference?: number;
  /** Conferences on this bridge, default 2000. */
  readonly maxConferences?: number;
  /** Sources of one endpoint, default 20. */
  readonly maxSourcesPerEndpoint?: number;
}

export interface VideobridgeOptions {
  /** First part of the bridge channel's path, default `jvb`. */
  readonly bridgeId?: string;
  /** 0 lets the kernel choose (tests). */
  readonly udpPort: number;
  /** This worker's number among those that share the port, from 0; absent when it has the port alone. */
  readonly station?: number;
  /** Without a conference for so long it says that it may be ended; never by default. */
  readonly idleAfterMs?: number;
  /** Address to bind; default all, dual stack. */
  readonly listenAddress?: string;
  /** IP literals of this machine: host candidates. */
  readonly localAddresses: readonly string[];
  /** Further addresses (NAT, Docker): they come first among the candidates. */
  readonly advertisedAddresses?: readonly AdvertisedAddress[];
  /** `host:port` of STUN servers that are asked for our address as they see it; none by default. */
  readonly stunServers?: readonly string[];
  /** Answers of theirs to another worker on this port, as address records: good until there are own ones. */
  readonly mappedAddresses?: readonly Uint8Array[];
  /** `wss://host:8443/colibri-ws/`, with the slash; without scheme and host when the focus adds them. */
  readonly channelBaseUrl: string;
  /** PEM, for DTLS. */
  readonly certificate: string;
  readonly privateKey: string;
  readonly ice?: VideobridgeIceOptions;
  readonly limits?: VideobridgeLimits;
  /** False sends what clients ask for, whatever their network carries; default true. */
  readonly trustBandwidthEstimate?: boolean;
  /** False sends what clients ask for, however loaded this bridge is; default true. */
  readonly reducesLoad?: boolean;
  /** Voices that are forwarded at a time in a conference: its loudest; 0, the default, for all. */
  readonly loudestVoices?: number;
  /** SSRCs that a client which takes rewritten ones is sent at most, default 50 each. */
  readonly ssrcSlots?: { readonly audio?: number; readonly video?: number };
  /** Slots of packet memory (2 KiB each), a power of two, default 16384. */
  readonly slotCount?: number;
  /** False turns UDP_SEGMENT off, default true. */
  readonly segmentation?: boolean;
}
