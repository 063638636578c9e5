/** What the XMPP server counts. Plain numbers; the exporter reads them. */

export class XmppMetrics {
  // Gauges
  streams = 0;
  sessions = 0;
  hibernatingSessions = 0;
  rooms = 0;
  occupants = 0;
  waitingJoins = 0;
  pendingLogins = 0;
  // Counters
  streamsAccepted = 0;
  streamsRefused = 0;
  framesReceived = 0;
  stanzasReceived = 0;
  stanzasDelivered = 0;
  sessionsBound = 0;
  sessionsResumed = 0;
  resumesRefused = 0;
  framesDelayed = 0;
  streamErrors = 0;
  malformedFrames = 0;
  oversizeFrames = 0;
  forgedSenders = 0;
  rateLimitClosures = 0;
  slowConsumerClosures = 0;
  loginTimeouts = 0;
  loginsRefused = 0;
  /** Had to wait: too many from one address. */
  loginsDelayed = 0;
  silenceClosures = 0;
  stanzasRefused = 0;
  stanzasDropped = 0;
  joins = 0;
  joinsRefused = 0;
  /** Exceptions in our own code; each closed at most one session. */
  internalErrors = 0;
}
