/**
 * Writes the session description that stands for the focus' offer, as a browser reads it (RFC 8866, RFC 8829,
 * RFC 8839, RFC 8843). Strings that came over the network are reduced to the characters of an SDP token, so
 * that nobody can add a line of their own.
 */
import { type MediaDescription as SdpMedia, type SessionDescription, write } from 'sdp-transform';
import type { IceTransport, MediaDescription, PayloadType } from '../colibri/index.ts';
import type { MediaLine } from './media-lines.ts';

export interface RemoteOffer {
  /** Digits; the same for the life of the peer connection. */
  readonly sessionId: string;
  /** Grows with every offer of the session. */
  readonly sessionVersion: number;
  readonly transport: IceTransport;
  readonly media: readonly MediaDescription[];
  readonly lines: readonly MediaLine[];
  /** RTP stream ids of the layers that we want of the camera (RFC 8853); none where layers are told by SSRC. */
  readonly cameraRids?: readonly string[];
}

/** RFC 8866 `token`, without what sdp-transform or a browser may treat specially. */
function token(value: string): string {
  return value.replace(/[^\w.+/:-]/g, '');
}

/** A media stream or track id (`\w` and `-`). */
function streamId(value: string): string {
  return value.replace(/[^\w-]/g, '_').slice(0, 64);
}

/** Everything but line breaks and other control characters. */
function lineText(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is removed
  return value.replace(/[\u0000-\u001f\u007f\u2028\u2029]/g, '');
}

function formatParameters({ parameters }: PayloadType): string {
  return Object.entries(parameters)
    .map(([name, value]) => lineText(name === '' ? value : `${name}=${value}`))
    .join(';');
}

function codecFields(media: MediaDescription) {
  const rtp: SdpMedia['rtp'] = [];
  const fmtp: SdpMedia['fmtp'] = [];
  const rtcpFb: NonNullable<SdpMedia['rtcpFb']> = [];
  for (const payloadType of media.payloadTypes) {
    const payload = payloadType.id;
    rtp.push({
      payload,
      codec: token(payloadType.name),
      rate: payloadType.clockRateHz,
      ...((payloadType.channels ?? 1) > 1 && { encoding: payloadType.channels as number }),
    });
    const config = formatParameters(payloadType);
    if (config !== '') fmtp.push({ payload, config });
    for (const { type, subtype } of payloadType.rtcpFeedback) {
      rtcpFb.push({
        payload,
        type: token(type),
        ...(subtype !== undefined && { subtype: token(subtype) }),
      });
    }
  }
  return { rtp, fmtp, rtcpFb };
}

function transportFields({ ufrag, password, fingerprints, candidates }: IceTransport) {
  const fingerprint = fingerprints[0];
  return {
    iceUfrag: token(ufrag),
    icePwd: token(password),
    ...(fingerprint !== undefined && {
      fingerprint: { type: token(fingerprint.hash), hash: token(fingerprint.value) },
      setup: fingerprint.setup,
    }),
    candidates: candidates.map((candidate) => ({
      foundation: token(candidate.foundation),
      component: candidate.component,
      transport: candidate.protocol,
      priority: candidate.priority,
      ip: token(candidate.address),
      port: candidate.port,
      type: candidate.type,
      ...(candidate.relatedAddress !== undefined && { raddr: token(candidate.relatedAddress) }),
      ...(candidate.relatedPort !== undefined && { rport: candidate.relatedPort }),
      ...(candidate.tcpType !== undefined && { tcptype: token(candidate.tcpType) }),
      generation: candidate.generation ?? 0,
    })),
  };
}

function sourceFields({ source }: MediaLine): Partial<SdpMedia> {
  if (source === undefined) return {};
  const stream = streamId(source.name);
  return {
    msid: [{ id: stream, appdata: `${stream}-track` }],
    ssrcGroups: source.groups.map(({ semantics, ssrcs }) => ({
      semantics,
      ssrcs: ssrcs.join(' '),
    })),
    ssrcs: source.ssrcs.flatMap((id) => [
      { id, attribute: 'cname', value: stream },
      { id, attribute: 'msid', value: `${stream} ${stream}-track` },
    ]),
  };
}

/** Only what is our own camera's line, and not that of a screen, has layers. */
function simulcastFields(
  { own, isScreen, type }: MediaLine,
  rids: readonly string[],
): Partial<SdpMedia> {
  if (!own || isScreen || type !== 'video' || rids.length === 0) return {};
  return {
    rids: rids.map((id) => ({ id, direction: 'recv' })),
    simulcast: { dir1: 'recv', list1: rids.join(';') },
  };
}

/** Data channels (RFC 8841). */
function dataLine(mid: string, transport: Partial<SdpMedia>): SdpMedia {
  return {
    type: 'application',
    port: 9,
    protocol: 'UDP/DTLS/SCTP',
    payloads: 'webrtc-datachannel',
    connection: { version: 4, ip: '0.0.0.0' },
    mid,
    ...transport,
    candidates: [],
    sctpPort: 5000,
    rtp: [],
    fmtp: [],
  };
}

function directionOf(line: MediaLine): 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive' {
  if (line.own) return line.isScreen ? 'recvonly' : 'sendrecv';
  return line.source === undefined ? 'inactive' : 'sendonly';
}

/** One m-line per entry of `lines`, all in one BUNDLE; the transport stands on the first. */
export function writeRemoteOffer(offer: RemoteOffer): string {
  const transport = transportFields(offer.transport);
  const media: SdpMedia[] = [];
  for (const line of offer.lines) {
    if (line.type === 'application') {
      media.push(dataLine(line.mid, transport));
      continue;
    }
    const description = offer.media.find(({ type }) => type === line.type);
    // Without a description the peer does not do this medium: the line stays, rejected.
    const payloadTypes = description?.payloadTypes ?? [];
    media.push({
      type: line.type,
      port: description === undefined ? 0 : 9,
      protocol: 'UDP/TLS/RTP/SAVPF',
      payloads: payloadTypes.length === 0 ? '0' : payloadTypes.map(({ id }) => id).join(' '),
      connection: { version: 4, ip: '0.0.0.0' },
      rtcp: { port: 1, netType: 'IN', ipVer: 4, address: '0.0.0.0' },
      mid: line.mid,
      direction: directionOf(line),
      rtcpMux: 'rtcp-mux',
      ...transport,
      ...(media.length > 0 && { candidates: [] }),
      ...(description === undefined ? { rtp: [], fmtp: [] } : codecFields(description)),
      ext: (description?.headerExtensions ?? []).map(({ id, uri }) => ({
        value: id,
        uri: lineText(uri).replace(/\s/g, ''),
      })),
      ...sourceFields(line),
      ...simulcastFields(line, offer.cameraRids ?? []),
    });
  }
  const session: SessionDescription = {
    version: 0,
    origin: {
      username: '-',
      sessionId: token(offer.sessionId),
      sessionVersion: offer.sessionVersion,
      netType: 'IN',
      ipVer: 4,
      address: '0.0.0.0',
    },
    name: '-',
    timing: { start: 0, stop: 0 },
    groups: [
      {
        type: 'BUNDLE',
        mids: media
          .filter(({ port }) => port !== 0)
          .map(({ mid }) => mid)
          .join(' '),
      },
    ],
    msidSemantic: { semantic: 'WMS', token: '*' },
    media,
  };
  return write(session);
}
