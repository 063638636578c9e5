/**
 * Reads from the browser's answer what Jingle's `session-accept` tells the focus: our ICE credentials and
 * candidates, DTLS fingerprint, and the SSRCs of microphone and camera (RFC 8839, RFC 8122, RFC 5576).
 */
import { parse, type MediaDescription as SdpMedia } from 'sdp-transform';
import type {
  HeaderExtension,
  IceCandidate,
  IceTransport,
  MediaType,
  PayloadType,
  SsrcGroup,
} from '../colibri/index.ts';

export interface LocalMedia {
  readonly mid: string;
  readonly type: MediaType;
  readonly payloadTypes: readonly PayloadType[];
  readonly headerExtensions: readonly HeaderExtension[];
  /** What we may send on this line; empty on lines that only receive. */
  readonly ssrcs: readonly number[];
  readonly groups: readonly SsrcGroup[];
}

export interface LocalAnswer {
  readonly transport: IceTransport;
  readonly media: readonly LocalMedia[];
}

export type SdpResult<T> =
  | { readonly type: 'ok'; readonly value: T }
  | { readonly type: 'error'; readonly reason: string };

function readCandidates(media: SdpMedia): IceCandidate[] {
  const candidates: IceCandidate[] = [];
  for (const candidate of media.candidates ?? []) {
    const protocol = candidate.transport.toLowerCase();
    const type = candidate.type;
    if (protocol !== 'udp' && protocol !== 'tcp') continue;
    if (type !== 'host' && type !== 'srflx' && type !== 'prflx' && type !== 'relay') continue;
    // Names made up to hide local addresses mean nothing outside the browser's network (RFC 8828).
    if (String(candidate.ip).endsWith('.local')) continue;
    candidates.push({
      foundation: String(candidate.foundation),
      component: candidate.component,
      protocol,
      priority: Number(candidate.priority),
      address: String(candidate.ip),
      port: candidate.port,
      type,
      ...(candidate.raddr !== undefined && { relatedAddress: String(candidate.raddr) }),
      ...(candidate.rport !== undefined && { relatedPort: candidate.rport }),
      ...(candidate.tcptype !== undefined && { tcpType: candidate.tcptype }),
      ...(candidate.generation !== undefined && { generation: candidate.generation }),
    });
  }
  return candidates;
}

function readParameters(config: string | undefined): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const part of (config ?? '').split(';')) {
    const text = part.trim();
    if (text === '') continue;
    const equals = text.indexOf('=');
    if (equals < 0) parameters[''] = text;
    else parameters[text.slice(0, equals)] = text.slice(equals + 1);
  }
  return parameters;
}

function readPayloadTypes(media: SdpMedia): PayloadType[] {
  return media.rtp.map(({ payload, codec, rate, encoding }) => ({
    id: payload,
    name: codec,
    clockRateHz: rate ?? 90_000,
    ...(encoding !== undefined && { channels: encoding }),
    parameters: readParameters(media.fmtp.find((fmtp) => fmtp.payload === payload)?.config),
    rtcpFeedback: (media.rtcpFb ?? [])
      .filter((feedback) => feedback.payload === payload || feedback.payload === '*')
      .map(({ type, subtype }) => ({ type, ...(subtype !== undefined && { subtype }) })),
  }));
}

function readGroups(media: SdpMedia): SsrcGroup[] {
  const groups: SsrcGroup[] = [];
  for (const { semantics, ssrcs } of media.ssrcGroups ?? []) {
    if (semantics !== 'SIM' && semantics !== 'FID') continue;
    groups.push({ semantics, ssrcs: String(ssrcs).split(' ').map(Number) });
  }
  const layers = layersByRid(media, groups);
  return layers.length < 2 ? groups : [{ semantics: 'SIM', ssrcs: layers }, ...groups];
}

/**
 * Primary SSRCs of simulcast by RTP stream id (RFC 8853), in the order of the ids. COMPAT: Firefox writes them, but no group
 * that says what they are.
 */
function layersByRid(media: SdpMedia, groups: readonly SsrcGroup[]): number[] {
  if (media.simulcast?.dir1 !== 'send') return [];
  if (groups.some(({ semantics }) => semantics === 'SIM')) return [];
  const retransmissions = new Set(groups.flatMap(({ ssrcs }) => ssrcs.slice(1)));
  const all = new Set((media.ssrcs ?? []).map(({ id }) => Number(id)));
  return [...all].filter((ssrc) => !retransmissions.has(ssrc));
}

function readMedia(media: SdpMedia): LocalMedia | undefined {
  if (media.type !== 'audio' && media.type !== 'video') return undefined;
  const sends = media.direction === 'sendrecv' || media.direction === 'sendonly';
  return {
    mid: String(media.mid),
    type: media.type,
    payloadTypes: readPayloadTypes(media),
    headerExtensions: (media.ext ?? []).map(({ value, uri }) => ({ id: value, uri })),
    ssrcs: sends ? [...new Set((media.ssrcs ?? []).map(({ id }) => Number(id)))] : [],
    groups: sends ? readGroups(media) : [],
  };
}

/** Never throws; the reason is for the log. */
export function readLocalAnswer(sdp: string): SdpResult<LocalAnswer> {
  const session = parse(sdp);
  // With BUNDLE the first line that was not rejected carries the transport of all.
  const carrier = session.media.find(({ iceUfrag, port }) => iceUfrag !== undefined && port !== 0);
  const fingerprint = carrier?.fingerprint ?? session.fingerprint;
  if (carrier?.iceUfrag === undefined || carrier.icePwd === undefined) {
    return { type: 'error', reason: 'no ICE credentials' };
  }
  if (fingerprint === undefined) return { type: 'error', reason: 'no DTLS fingerprint' };
  const setup = carrier.setup ?? session.setup;
  return {
    type: 'ok',
    value: {
      transport: {
        ufrag: String(carrier.iceUfrag),
        password: String(carrier.icePwd),
        candidates: readCandidates(carrier),
        fingerprints: [
          {
            hash: fingerprint.type,
            value: fingerprint.hash,
            setup: setup === 'passive' ? 'passive' : 'active',
          },
        ],
      },
      media: session.media
        .map(readMedia)
        .filter((media): media is LocalMedia => media !== undefined),
    },
  };
}
