/**
 * Our side: the videobridge's core over packet-io, as its worker runs it. Endpoints come by COLIBRI,
 * ask for the video on their bridge channel, and get keys directly instead of ICE and DTLS.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { PerformanceObserver } from 'node:perf_hooks';
import { silentLogger } from '@conclave/base';
import {
  createPacketIo,
  createSelfSignedCertificate,
  type PacketIo,
} from '@conclave/platform/packet-io';
import type { EndpointModify, MediaDescription } from '@conclave/protocols/colibri';
import { BridgeCore } from '@conclave/videobridge';
import {
  AUDIO_LEVEL_ID,
  AUDIO_PAYLOAD_TYPE,
  FIRST_AUDIO_SSRC,
  FIRST_SSRC,
  memberAddress,
  memberKey,
  PAYLOAD_TYPE,
  type Plan,
  saltBytes,
  senderAddress,
  TRANSPORT_CC_ID,
} from './plan.ts';
import { serve } from './processes.ts';

/** As the worker does. */
const TICK_MS = 20;
const RTX_SSRC_OFFSET = 0x10_0000;
const NEVER_MS = 1e9;

const MEDIA: readonly MediaDescription[] = [
  {
    type: 'audio',
    payloadTypes: [
      {
        id: AUDIO_PAYLOAD_TYPE,
        name: 'opus',
        clockRateHz: 48_000,
        channels: 2,
        parameters: {},
        rtcpFeedback: [],
      },
    ],
    headerExtensions: [{ id: AUDIO_LEVEL_ID, uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level' }],
  },
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

/** Pauses of the garbage collector. */
const collectionsMs: number[] = [];
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) collectionsMs.push(duration);
}).observe({ entryTypes: ['gc'] });

let io: PacketIo;
let core: BridgeCore;
let nextChannel = 1;
let conferences = 0;

/** What member number `sender`, counted through all conferences, sends. */
function sourcesOf(plan: Plan, sender: number): NonNullable<EndpointModify['sources']> {
  const ssrc = FIRST_SSRC + sender;
  const ssrcs = [ssrc, ssrc + RTX_SSRC_OFFSET];
  const groups = [{ semantics: 'FID' as const, ssrcs }];
  const name = `m${sender % plan.senders}`;
  const audioSsrcs = [FIRST_AUDIO_SSRC + sender];
  return [
    ...(plan.videoBps > 0
      ? [
          {
            type: 'video' as const,
            name: `${name}-v0`,
            videoType: 'camera' as const,
            ssrcs,
            groups,
          },
        ]
      : []),
    ...(plan.hasAudio
      ? [{ type: 'audio' as const, name: `${name}-a0`, ssrcs: audioSsrcs, groups: [] }]
      : []),
  ];
}

function meetingIdOf(conference: number): string {
  return `meeting-${conference}`;
}

/** All are connected when this returns. */
function addConference(plan: Plan, conference: number): void {
  const meetingId = meetingIdOf(conference);
  const nowMs = performance.now();
  for (let member = 0; member <= plan.receivers; member++) {
    const id = `m${member}`;
    const isSender = member < plan.senders;
    const response = core.handleColibri(
      {
        meetingId,
        ...(member === 0 && { create: true }),
        endpoints: [
          {
            id,
            create: true,
            media: MEDIA,
            ...(isSender && { sources: sourcesOf(plan, conference * plan.senders + member) }),
          },
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
    if (isSender) io.allowAddress(peer, senderAddress(plan, conference, member));
    io.setSrtpKeys(peer, plan.profile, { rxKey: key, rxSalt: salt, txKey: key, txSalt: salt });
    core.handleDtlsConnected(peer, nowMs);
    const url = response.result.endpoints[0]?.transport?.webSocketUrl ?? '';
    const channel = nextChannel++;
    core.channels.open(channel, meetingId, id, url.split('pwd=')[1] ?? '', nowMs);
    const wanted = {
      colibriClass: 'ReceiverVideoConstraints',
      lastN: -1,
      defaultConstraints: { maxHeight: 720 },
    };
    core.channels.handleMessage(channel, JSON.stringify(wanted), nowMs);
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
        outlet: {
          event() {},
          sendOnChannel() {},
          sendToBridge() {},
          addressesMapped() {},
          closeChannel() {},
        },
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
  /** From now on there are the first `wanted` of the plan's conferences. */
  setConferences(plan: Plan, wanted: number): void {
    for (; conferences < wanted; conferences++) addConference(plan, conferences);
    for (; conferences > wanted; conferences--) {
      core.handleColibri(
        { meetingId: meetingIdOf(conferences - 1), expire: true, endpoints: [] },
        performance.now(),
      );
    }
  },
  /** Totals; of collections, since it was called last. */
  usage() {
    const { user, system } = process.cpuUsage();
    const { txMessages, txPackets } = io.counters();
    const pausesMs = collectionsMs.splice(0);
    return { cpuUs: user + system, txMessages, txPackets, pausesMs };
  },
});
