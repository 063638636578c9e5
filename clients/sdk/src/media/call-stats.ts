/** A summary of the browser's statistics of one peer connection (W3C webrtc-stats). Totals since the start. */

export interface StreamStats {
  readonly ssrc: number;
  readonly kind: string;
  /** Of the browser's track; inbound only. */
  readonly trackId: string;
  readonly bytes: number;
  readonly packets: number;
  /** Inbound only. */
  readonly packetsLost: number;
  /** Video only, px; 0 while there is no picture. */
  readonly frameHeight: number;
  readonly framesPerSecond: number;
  readonly frames: number;
}

export interface CallStats {
  readonly inbound: readonly StreamStats[];
  readonly outbound: readonly StreamStats[];
  readonly roundTripTimeMs: number | undefined;
  /** Of what we sent lately, as the bridge reports: 0..1, of the stream that fares worst. */
  readonly uploadLoss: number;
}

const EMPTY: CallStats = { inbound: [], outbound: [], roundTripTimeMs: undefined, uploadLoss: 0 };

function number(report: Record<string, unknown>, name: string): number {
  const value = report[name];
  return typeof value === 'number' ? value : 0;
}

export async function collectCallStats(pc: RTCPeerConnection | undefined): Promise<CallStats> {
  if (pc === undefined || pc.connectionState === 'closed') return EMPTY;
  const inbound: StreamStats[] = [];
  const outbound: StreamStats[] = [];
  let roundTripTimeMs: number | undefined;
  let uploadLoss = 0;
  for (const report of (await pc.getStats()).values()) {
    const sent = report.type === 'outbound-rtp';
    if (sent || report.type === 'inbound-rtp') {
      (sent ? outbound : inbound).push({
        ssrc: number(report, 'ssrc'),
        kind: String(report.kind),
        trackId: String(report.trackIdentifier ?? ''),
        bytes: number(report, sent ? 'bytesSent' : 'bytesReceived'),
        packets: number(report, sent ? 'packetsSent' : 'packetsReceived'),
        packetsLost: number(report, 'packetsLost'),
        frameHeight: number(report, 'frameHeight'),
        framesPerSecond: number(report, 'framesPerSecond'),
        frames: number(report, sent ? 'framesEncoded' : 'framesDecoded'),
      });
    } else if (report.type === 'remote-inbound-rtp') {
      uploadLoss = Math.max(uploadLoss, number(report, 'fractionLost'));
    } else if (report.type === 'candidate-pair' && report.nominated === true) {
      roundTripTimeMs = number(report, 'currentRoundTripTime') * 1000;
    }
  }
  return { inbound, outbound, roundTripTimeMs, uploadLoss };
}
