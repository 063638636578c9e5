/**
 * Our side: the videobridge's core over packet-io, as its worker runs it. Endpoints come by COLIBRI,
 * ask for the video on their bridge channel, and get keys directly instead of ICE and DTLS.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { silentLogger } from '@conclave/base';
import {
  createPacketIo,
  createSelfSignedCertificate,
  type PacketIo,
} from '@conclave/platform/packet-io';
import type { EndpointModify, MediaDescription } from '@conclave/protocols/colibri';
import { BridgeCore } from '@conclave/videobridge';
import {
  FIRST_SSRC,
  memberAddress,
  memberKey,
  PAYLOAD_TYPE,
  type Plan,
  saltBytes,
  TRANSPORT_CC_ID,
} from './plan.ts';
import { serve } from './processes.ts';

/** As the worker does. */
const TICK_MS = 20;
const RTX_SSRC_OFFSET = 0x10_0000;
const NEVER_MS = 1e9;

const MEDIA: readonly MediaDescription[] = [
  {
    type: 'video',
    payloadTypes: [
      {
        id: PAYLOAD_TYPE,
        name: 'VP8',
        clockRateHz: 90_000,
        parameters: {},
        rtcpFeedback: [{ type: 'nack', subtype: 'pli' }, { type: 'nack' }],
      },
      {
        id: 96,
        name: 'rtx',
        clockRateHz: 90_000,
        parameters: { apt: `${PAYLOAD_TYPE}` },
        rtcpFeedback: [],
      },
    ],
    headerExtensions: [
      {
        id: TRANSPORT_CC_ID,
        uri: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
      },
      { id: 10, uri: 'urn:ietf:params:rtp-hdrext:sdes:mid' },
    ],
  },
];

let io: PacketIo;
let core: BridgeCore;
let nextChannel = 1;

function videoOf(conference: number): NonNullable<EndpointModify['sources']> {
  const ssrc = FIRST_SSRC + conference;
  const ssrcs = [ssrc, ssrc + RTX_SSRC_OFFSET];
  return [
    {
      type: 'video',
      name: 'm0-v0',
      videoType: 'camera',
      ssrcs,
      groups: [{ semantics: 'FID', ssrcs }],
    },
  ];
}

/** Member 0 sends, the others receive; all are connected when this returns. */
function addConference(plan: Plan, conference: number): void {
  const meetingId = `meeting-${conference}`;
  const nowMs = performance.now();
  for (let member = 0; member <= plan.receivers; member++) {
    const id = `m${member}`;
    const response = core.handleColibri(
      {
        meetingId,
        ...(member === 0 && { create: true }),
        endpoints: [
          { id, create: true, media: MEDIA, ...(member === 0 && { sources: videoOf(conference) }) },
        ],
      },
      nowMs,
    );
    const peer = core.peerOf(meetingId, id);
    if (response.type === 'error' || peer === undefined) throw new Error('endpoint refused');
    const material = memberKey(conference, member);
    const key = material.subarray(0, 16);
    const salt = material.subarray(16, 16 + saltBytes(plan.profile));
    io.bindAddress(peer, memberAddress(plan, conference, member));
    io.setSrtpKeys(peer, plan.profile, { rxKey: key, rxSalt: salt, txKey: key, txSalt: salt });
    core.handleDtlsConnected(peer, nowMs);
    if (member === 0) continue;
    const url = response.result.endpoints[0]?.transport?.webSocketUrl ?? '';
    const channel = nextChannel++;
    core.openChannel(channel, meetingId, id, url.split('pwd=')[1] ?? '');
    const wanted = {
      colibriClass: 'ReceiverVideoConstraints',
      lastN: -1,
      defaultConstraints: { maxHeight: 720 },
    };
    core.handleChannelMessage(channel, JSON.stringify(wanted), nowMs);
  }
}

serve({
  open(): number {
    const certificate = createSelfSignedCertificate({
      commonName: 'bench',
      alternativeNames: [],
      validDays: 1,
    });
    io = createPacketIo(
      { port: 0, address: '127.0.0.1', ...certificate },
      {
        onBatch: (count, nowMs) => core.handleBatch(count, nowMs),
        onDtlsConnected() {},
        onDtlsClosed() {},
      },
    );
    core = new BridgeCore(
      {
        port: io,
        random: { bytes: (length) => randomBytes(length) },
        logger: silentLogger,
        stunCrypto: { hmacSha1: (key, data) => createHmac('sha1', key).update(data).digest() },
        outlet: { event() {}, sendOnChannel() {}, closeChannel() {} },
      },
      {
        udpPort: io.port,
        localAddresses: ['127.0.0.1'],
        channelBaseUrl: 'wss://localhost/colibri-ws/',
        ...certificate,
        ice: { connectTimeoutMs: NEVER_MS },
        limits: { maxEndpointsPerConference: 1000 },
      },
    );
    setInterval(() => core.handleTick(performance.now()), TICK_MS);
    return io.port;
  },
  start(plan: Plan): void {
    for (let conference = 0; conference < plan.conferences; conference++) {
      addConference(plan, conference);
    }
  },
  usage(): { cpuUs: number; txCalls: number; txMessages: number; txPackets: number } {
    const { user, system } = process.cpuUsage();
    const { txCalls, txMessages, txPackets } = io.counters();
    return { cpuUs: user + system, txCalls, txMessages, txPackets };
  },
});
