/** Features of clients that change what the focus does (XEP-0030; Jitsi's own). */

export const FEATURE = {
  audio: 'urn:xmpp:jingle:apps:rtp:audio',
  video: 'urn:xmpp:jingle:apps:rtp:video',
  rtx: 'urn:ietf:rfc:4588',
  /** Data channels over SCTP. */
  sctp: 'urn:xmpp:jingle:transports:dtls-sctp:1',
  opusRed: 'http://jitsi.org/opus-red',
  transportCc: 'http://jitsi.org/tcc',
  /** Counts for clients without the former. */
  remb: 'http://jitsi.org/remb',
  jsonSources: 'http://jitsi.org/json-encoded-sources',
  sourceNames: 'http://jitsi.org/source-name',
  /** Without it a client shows one video per participant. */
  multipleVideos: 'http://jitsi.org/receive-multiple-video-streams',
  /** It is told by the bridge, not by us, whose sources it gets: under SSRCs of the bridge's. */
  ssrcRewriting: 'http://jitsi.org/ssrc-rewriting-1',
  /** With the former: it tells what it is sent apart by the header extension MID. */
  midDemux: 'http://jitsi.org/rtp-mid-demux',
  /** It reads from the room's metadata whether to start muted. */
  startMutedMetadata: 'http://jitsi.org/start-muted-room-metadata',
} as const;

/** Assumed of clients that do not answer: every WebRTC client can do this much. */
export const FALLBACK_FEATURES: ReadonlySet<string> = new Set([
  FEATURE.audio,
  FEATURE.video,
  FEATURE.rtx,
  FEATURE.transportCc,
]);
