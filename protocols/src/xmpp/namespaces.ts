/** Every XML namespace on the wire, by the document that defines it. */

export const NS = {
  // RFC 6120
  client: 'jabber:client',
  streams: 'http://etherx.jabber.org/streams',
  streamErrors: 'urn:ietf:params:xml:ns:xmpp-streams',
  stanzaErrors: 'urn:ietf:params:xml:ns:xmpp-stanzas',
  sasl: 'urn:ietf:params:xml:ns:xmpp-sasl',
  bind: 'urn:ietf:params:xml:ns:xmpp-bind',
  // RFC 7395
  framing: 'urn:ietf:params:xml:ns:xmpp-framing',
  // XEP-0124 BOSH
  httpBind: 'http://jabber.org/protocol/httpbind',
  // XEP-0004 data forms
  dataForms: 'jabber:x:data',
  // XEP-0030 service discovery
  discoInfo: 'http://jabber.org/protocol/disco#info',
  discoItems: 'http://jabber.org/protocol/disco#items',
  // XEP-0033 extended addresses
  addresses: 'http://jabber.org/protocol/address',
  // XEP-0045 multi-user chat
  muc: 'http://jabber.org/protocol/muc',
  mucUser: 'http://jabber.org/protocol/muc#user',
  mucAdmin: 'http://jabber.org/protocol/muc#admin',
  mucOwner: 'http://jabber.org/protocol/muc#owner',
  mucRoomInfo: 'http://jabber.org/protocol/muc#roominfo',
  mucRoomConfig: 'http://jabber.org/protocol/muc#roomconfig',
  // XEP-0092 software version
  version: 'jabber:iq:version',
  // XEP-0115 entity capabilities
  caps: 'http://jabber.org/protocol/caps',
  // XEP-0166, 0167, 0176, 0293, 0294, 0320, 0338, 0339 Jingle and its parts
  jingle: 'urn:xmpp:jingle:1',
  jingleErrors: 'urn:xmpp:jingle:errors:1',
  jingleRtp: 'urn:xmpp:jingle:apps:rtp:1',
  jingleRtpAudio: 'urn:xmpp:jingle:apps:rtp:audio',
  jingleRtpVideo: 'urn:xmpp:jingle:apps:rtp:video',
  jingleRtcpFeedback: 'urn:xmpp:jingle:apps:rtp:rtcp-fb:0',
  jingleHeaderExtensions: 'urn:xmpp:jingle:apps:rtp:rtp-hdrext:0',
  jingleSources: 'urn:xmpp:jingle:apps:rtp:ssma:0',
  jingleGrouping: 'urn:xmpp:jingle:apps:grouping:0',
  jingleDtls: 'urn:xmpp:jingle:apps:dtls:0',
  jingleIceUdp: 'urn:xmpp:jingle:transports:ice-udp:1',
  jingleDtlsSctp: 'urn:xmpp:jingle:transports:dtls-sctp:1',
  // XEP-0172 nickname
  nick: 'http://jabber.org/protocol/nick',
  // XEP-0198 stream management
  sm: 'urn:xmpp:sm:3',
  // XEP-0199 ping
  ping: 'urn:xmpp:ping',
  // XEP-0203 delayed delivery
  delay: 'urn:xmpp:delay',
  // XEP-0215 external service discovery
  externalServices: 'urn:xmpp:extdisco:2',
  externalServices1: 'urn:xmpp:extdisco:1',
  // XEP-0359 unique stanza ids
  stanzaIds: 'urn:xmpp:sid:0',
  // XEP-0424, 0444, 0461 message retraction, reactions, replies
  retract: 'urn:xmpp:message-retract:1',
  reactions: 'urn:xmpp:reactions:0',
  reply: 'urn:xmpp:reply:0',
  // Jitsi
  focus: 'http://jitsi.org/protocol/focus',
  colibri: 'http://jitsi.org/protocol/colibri',
  colibri2: 'jitsi:colibri2',
  jitmeet: 'http://jitsi.org/jitmeet',
  jitmeetAudio: 'http://jitsi.org/jitmeet/audio',
  jitmeetVideo: 'http://jitsi.org/jitmeet/video',
  jitmeetDesktop: 'http://jitsi.org/jitmeet/desktop',
  jitmeetStartMuted: 'http://jitsi.org/jitmeet/start-muted',
  jitmeetSilent: 'http://jitsi.org/protocol/silent',
  displayName: 'http://jitsi.org/protocol/display-name',
  visitors: 'jitsi:visitors',
  jibri: 'http://jitsi.org/protocol/jibri',
  // XEP-0327 call control
  rayo: 'urn:xmpp:rayo:1',
} as const;
