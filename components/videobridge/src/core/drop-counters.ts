/** What the bridge did not forward or obey, and why; plain totals, never reset. */
export class DropCounters {
  rtpMalformed = 0;
  rtpUnknownSsrc = 0;
  rtpUnknownPayloadType = 0;
  /** A payload type of the other medium, or RTX on a primary SSRC. */
  rtpWrongKind = 0;
  rtpDuplicateOrLate = 0;
  rtpPadding = 0;
  rtpSilence = 0;
  /** Of a voice that is not among the loudest, when only those are forwarded. */
  rtpNotLoudest = 0;
  rtpForceMuted = 0;
  rtpBadDescriptor = 0;
  /** From a peer whose endpoint is gone or not connected. */
  packetsWithoutEndpoint = 0;
  rtcpMalformed = 0;
  rtcpUnknownSsrc = 0;
  /** More than an endpoint may send. */
  rtcpRateLimited = 0;
  /** For no ICE agent of ours, and no answer to a question of ours. */
  stunUnmatched = 0;
  /** DTLS data of an endpoint that has no data channel, or more than it may send. */
  applicationData = 0;
  sctpInvalid = 0;
  /** NACKed packets that are in no cache any more, or never were sent. */
  nackMisses = 0;
  nackRepeats = 0;
  nackRateLimited = 0;
  channelRefused = 0;
  channelUnknownClass = 0;
  channelRateLimited = 0;
  /** For others, from endpoints or in conferences that had told them too much. */
  channelFanOutLimited = 0;
  /** From the other end of a relay, of an endpoint that is not known here. */
  relayedUnknownSsrc = 0;
  relayMessagesRefused = 0;
  conferencesFailed = 0;
}
