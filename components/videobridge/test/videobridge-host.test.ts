/** The worker thread, real UDP on loopback, ICE, DTLS and SRTP: nothing here is a double. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type Logger, silentLogger } from '@conclave/base';
import { createSelfSignedCertificate } from '@conclave/platform/packet-io';
import type { ColibriResponse } from '@conclave/protocols/colibri';
import { writeNack, writeReceiverReport } from '@conclave/protocols/rtcp';
import { writeVp8Descriptor } from '@conclave/protocols/rtp';
import {
  parseStunMessage,
  STUN_BINDING,
  StunWriter,
  XorMappedAddress,
} from '@conclave/protocols/stun';
import { describe, expect, test } from 'vitest';
import { VideobridgeHost } from '../src/index.ts';
import {
  clock,
  closing,
  eventually,
  join,
  modify,
  openChannel,
  startHost,
  timers,
  workerUrl,
} from './host-fixture.ts';
import { MediaClient } from './media-client.ts';
import { MEDIA } from './test-bridge.ts';

describe('VideobridgeHost with its worker', () => {
  test('two clients connect; audio, video, NACK and the channel work through the thread', async () => {
    const host = await startHost();
    const ann = await join(host, 'ann', 1000, true);
    const bob = await join(host, 'bob', 2000);
    await eventually(() => {
      expect([ann.client.isConnected, bob.client.isConnected]).toEqual([true, true]);
    });

    const channel = openChannel(host, bob.url);
    channel.handle.handleMessage('{"colibriClass":"ReceiverVideoConstraints"}');
    await eventually(() => expect(channel.texts.join()).toContain('ForwardedSources'));

    const frame = (isKey: boolean, seq: number) =>
      Uint8Array.of(
        ...writeVp8Descriptor({ isFrameStart: true, pictureId: { value: seq, bits: 15 } }),
        isKey ? 0 : 1,
        seq,
      );
    let seq = 100;
    await eventually(() => {
      ann.client.sendRtp(1000, 111, seq, seq * 960, Uint8Array.of(0xaa, seq));
      ann.client.sendRtp(1010, 100, seq, seq * 3000, frame(seq % 10 === 0, seq));
      seq++;
      const ssrcs = new Set(bob.client.received.map((packet) => packet.ssrc));
      expect(ssrcs).toEqual(new Set([1000, 1010]));
    });
    expect(ann.client.received).toEqual([]);

    const wanted = bob.client.received.find((packet) => packet.ssrc === 1010);
    const out = new Uint8Array(100);
    const report = writeReceiverReport(out, 0, 1, [], 0);
    const nack = writeNack(out, report, 1, 1010, [wanted?.seq ?? 0]);
    bob.client.sendRtcp(out.subarray(0, report + nack));
    await eventually(() => {
      const repair = bob.client.received.find((packet) => packet.ssrc === 1011);
      expect(repair?.payload.slice(2)).toEqual(wanted?.payload);
    });
    await eventually(() => expect(ann.client.rtcp.length).toBeGreaterThan(0));

    const stats = await host.stats();
    expect(stats).toMatchObject({ conferences: 1, endpoints: 2, endpoints_sending_audio: 1 });
    expect(stats?.counters.dropped_rtp_unknown_ssrc).toBe(0);
    expect(stats?.counters.slots_in_hand).toBe(0);

    await modify(host, { id: 'bob', expire: true });
    await eventually(() => expect(channel.closed).toEqual([[1001, 'endpoint closed']]));
  }, 20_000);

  test('a channel needs an endpoint and its password', async () => {
    const host = await startHost();
    const { url } = await join(host, 'ann', 1000, true);
    const password = url.searchParams.get('pwd') ?? '';
    expect(await host.checkChannel('jvb', 'm', 'ann', password)).toBe('ok');
    expect(await host.checkChannel('jvb', 'm', 'ann', `${password}x`)).toBe('forbidden');
    expect(await host.checkChannel('jvb', 'm', 'ann', '')).toBe('forbidden');
    expect(await host.checkChannel('jvb', 'm', 'bob', password)).toBe('not-found');
    expect(await host.checkChannel('jvb', 'x', 'ann', password)).toBe('not-found');
    const first = openChannel(host, url);
    await eventually(() => expect(first.texts.join()).toContain('ServerHello'));
    const second = openChannel(host, url);
    await eventually(() => expect(first.closed).toEqual([[1000, 'replaced']]));
    url.searchParams.set('pwd', 'wrong');
    const third = openChannel(host, url);
    await eventually(() => expect(third.closed).toEqual([[1008, 'forbidden']]));
    expect(second.closed).toEqual([]);
    // Far more than anybody has to say.
    for (let i = 0; i < 1500; i++) second.handle.handleMessage('{"colibriClass":"ClientHello"}');
    expect(second.closed).toEqual([[1008, 'too many messages']]);
    url.searchParams.set('pwd', password);
    const fourth = openChannel(host, url);
    await eventually(() => expect(fourth.texts.join()).toContain('ServerHello'));
  }, 20_000);

  test('a client with another certificate than it announced is expired', async () => {
    const host = await startHost();
    const events: unknown[] = [];
    host.onEvent((event) => events.push(event));
    const remote = await modify(host, { id: 'eve', create: true, media: MEDIA }, true);
    const client = new MediaClient(remote!);
    closing.push(() => client.close());
    const { transport } = client;
    const fingerprints = transport.fingerprints.map((fingerprint) => ({
      ...fingerprint,
      value: fingerprint.value.replace(/^../, (first) => (first === '00' ? '01' : '00')),
    }));
    await modify(host, { id: 'eve', transport: { ...transport, fingerprints } });
    await eventually(() => {
      expect(events).toMatchObject([{ type: 'endpointExpired', endpointId: 'eve' }]);
    });
    expect(client.isConnected).toBe(false);
  }, 20_000);

  test('a killed worker fails what was under way and is replaced', async () => {
    const host = await startHost();
    const { url } = await join(host, 'ann', 1000, true);
    const channel = openChannel(host, url);
    const told: string[] = [];
    host.onExit(() => told.push('exit'));
    host.onRestored(() => told.push('restored'));
    const asked: Promise<ColibriResponse> = host.request('jvb', { meetingId: 'm', endpoints: [] });
    host.killWorker();
    const answer = await asked;
    expect(['modified', 'error']).toContain(answer.type);
    await eventually(() => expect(told).toEqual(['exit', 'restored']));
    expect(channel.closed.map(([code]) => code)).toEqual([1001]);
    expect(await host.request('jvb', { meetingId: 'm', endpoints: [] })).toMatchObject({
      type: 'error',
      reason: 'conference_not_found',
    });
  }, 20_000);

  test('does not start, and says why, when its port is taken', async () => {
    const host = await startHost();
    const second = new VideobridgeHost(
      { clock, timers, logger: silentLogger },
      {
        workerUrl,
        bridge: {
          udpPort: host.udpPort ?? 0,
          listenAddress: '127.0.0.1',
          localAddresses: ['127.0.0.1'],
          channelBaseUrl: 'wss://localhost/',
          ...createSelfSignedCertificate({ commonName: 'b', alternativeNames: [], validDays: 7 }),
        },
      },
    );
    closing.push(() => second.close());
    await expect(second.start()).rejects.toThrow(/did not start/);
  }, 20_000);
});

test('a STUN server named by host tells the address in front of a NAT, which is then offered', async () => {
  const server = createSocket('udp4');
  closing.push(() => server.close());
  server.on('message', (datagram, from) => {
    const request = parseStunMessage(datagram);
    if (request === undefined) return;
    const bytes = Uint8Array.of(203, 0, 113, 9);
    const answer = new StunWriter('success', STUN_BINDING, request.transactionId)
      .add(XorMappedAddress, { family: 4, port: 40_000, bytes })
      .finish();
    server.send(answer, from.port, from.address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  const learned = new Promise<unknown>((resolve) => {
    const logger: Logger = {
      ...silentLogger,
      info: (event, fields) => event === 'bridge.address.mapped' && resolve(fields?.addresses),
      child: () => logger,
    };
    const stunServers = [`localhost:${server.address().port}`];
    void startHost({ stunServers }, logger, 2).then((host) => {
      started = host;
    });
  });
  let started: VideobridgeHost | undefined;
  expect(await learned).toEqual(['203.0.113.9:40000']);
  await eventually(() => expect(started).toBeDefined());
  // A worker that is started later offers it at once, although nobody has answered it yet.
  server.removeAllListeners('message');
  for (const bridgeId of ['jvb', 'jvb-2']) {
    const endpoint = { id: 'a', create: true, media: MEDIA };
    const transport = await modify(started!, endpoint, true, bridgeId);
    const candidates = transport?.candidates.map(({ type, address, port }) => ({
      type,
      address,
      port,
    }));
    expect(candidates).toEqual([
      { type: 'host', address: '127.0.0.1', port: started?.udpPort },
      { type: 'srflx', address: '203.0.113.9', port: 40_000 },
    ]);
  }
});
