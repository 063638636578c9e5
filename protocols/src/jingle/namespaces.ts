/** Namespaces of Jingle and its relatives, as Jitsi's clients expect them literally. */
export const JINGLE_NS = 'urn:xmpp:jingle:1';
export const RTP_NS = 'urn:xmpp:jingle:apps:rtp:1';
export const RTCP_FB_NS = 'urn:xmpp:jingle:apps:rtp:rtcp-fb:0';
export const RTP_HDREXT_NS = 'urn:xmpp:jingle:apps:rtp:rtp-hdrext:0';
export const SSMA_NS = 'urn:xmpp:jingle:apps:rtp:ssma:0';
export const ICE_UDP_NS = 'urn:xmpp:jingle:transports:ice-udp:1';
export const DTLS_NS = 'urn:xmpp:jingle:apps:dtls:0';
export const SCTP_NS = 'urn:xmpp:jingle:transports:dtls-sctp:1';
export const GROUPING_NS = 'urn:xmpp:jingle:apps:grouping:0';
export const FOCUS_NS = 'http://jitsi.org/protocol/focus';
export const COLIBRI_NS = 'http://jitsi.org/protocol/colibri';
export const COLIBRI2_NS = 'jitsi:colibri2';
export const JITMEET_NS = 'http://jitsi.org/jitmeet';
export const START_MUTED_NS = 'http://jitsi.org/jitmeet/start-muted';
