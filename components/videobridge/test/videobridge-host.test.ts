/** The worker thread, real UDP on loopback, ICE, DTLS and SRTP: nothing here is a double. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join as joinPath } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { BroadcastChannel } from 'node:worker_threads';
import type { Clock, Logger, TimerHandle, Timers } from '@conclave/base';
import { silentLogger } from '@conclave/base';
import { createSelfSignedCertificate } from '@conclave/platform/packet-io';
import type { ColibriResponse, EndpointModify, IceTransport } from '@conclave/protocols/colibri';
import { writeNack, writeReceiverReport } from '@conclave/protocols/rtcp';
import { writeVp8Descriptor } from '@conclave/protocols/rtp';
import {
  parseStunMessage,
  STUN_BINDING,
  StunWriter,
  XorMappedAddress,
} from '@conclave/protocols/stun';
import { buildSync } from 'esbuild';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import {
  VideobridgeHost,
  type VideobridgeHostOptions,
  type VideobridgeOptions,
} from '../src/index.ts';
import { MediaClient } from './media-client.ts';
import { MEDIA } from './test-bridge.ts';

const clock: Clock = { nowMs: () => performance.now(), wallMs: () => Date.now() };
const timers: Timers = {
  schedule(delayMs, callback): TimerHandle {
    const timer = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

const folder = mkdtempSync(joinPath(tmpdir(), 'conclave-bridge-'));
/** The thread's program as the build makes it: a worker has no TypeScript loader. */
function build(source: string): URL {
  const outfile = joinPath(folder, basename(source, '.ts').concat('.mjs'));
  buildSync({
    entryPoints: [fileURLToPath(new URL(source, import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
  return pathToFileURL(outfile);
}
const workerUrl = build('../src/worker.ts');
const hangingWorkerUrl = build('./hanging-worker.ts');
process.env.CONCLAVE_PACKET_IO ??= fileURLToPath(
  new URL('../../../dist/packet_io.node', import.meta.url),
);
afterAll(() => rmSync(folder, { recursive: true }));

/** A second of a voice. */
const SPOKEN_PACKETS = 50;

const closing: (() => unknown)[] = [];

/** With patience: this waits for other threads, on a machine that may be busy with other tests. */
function eventually(check: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(check, 10_000);
}

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function startHost(
  bridge: Partial<VideobridgeOptions> = {},
  logger: Logger = silentLogger,
  workers = 1,
  options: Partial<VideobridgeHostOptions> = {},
): Promise<VideobridgeHost> {
  const host = new VideobridgeHost(
    { clock, timers, logger },
    {
      workerUrl,
      workers,
      bridge: {
        udpPort: 0,
        listenAddress: '127.0.0.1',
        localAddresses: ['127.0.0.1'],
        channelBaseUrl: 'wss://localhost:8443/colibri-ws/',
        slotCount: 1024,
        ...createSelfSignedCertificate({ commonName: 'b', alternativeNames: [], validDays: 7 }),
        ...bridge,
      },
      ...options,
    },
  );
  closing.push(() => host.close());
  await host.start();
  return host;
}

async function modify(
  host: VideobridgeHost,
  endpoint: EndpointModify,
  create = false,
  bridgeId = 'jvb',
): Promise<IceTransport | undefined> {
  const response = await host.request(bridgeId, {
    meetingId: 'm',
    ...(create && { create }),
    endpoints: [endpoint],
  });
  if (response.type !== 'modified') throw new Error(`${response.reason}: ${response.text}`);
  return response.result.endpoints[0]?.transport;
}

const audio = (id: string, ssrc: number) => ({
  type: 'audio' as const,
  name: `${id}-a0`,
  ssrcs: [ssrc],
  groups: [],
});

const video = (id: string, ssrc: number) => ({
  type: 'video' as const,
  name: `${id}-v0`,
  ssrcs: [ssrc, ssrc + 1],
  groups: [{ semantics: 'FID' as const, ssrcs: [ssrc, ssrc + 1] }],
});

async function join(
  host: VideobridgeHost,
  id: string,
  ssrc: number,
  create = false,
  bridgeId = 'jvb',
) {
  const remote = await modify(host, { id, create: true, media: MEDIA }, create, bridgeId);
  if (remote === undefined) throw new Error('no transport');
  const client = new MediaClient(remote);
  closing.push(() => client.close());
  const sources = [audio(id, ssrc), video(id, ssrc + 10)];
  await modify(host, { id, transport: client.transport, sources }, false, bridgeId);
  return { client, url: new URL(remote.webSocketUrl ?? '') };
}

function openChannel(host: VideobridgeHost, url: URL) {
  const texts: string[] = [];
  const closed: [number, string][] = [];
  const [, bridgeId = '', conferenceId = '', endpointId = ''] = url.pathname.slice(1).split('/');
  const password = url.searchParams.get('pwd') ?? '';
  const handle = host.openChannel(bridgeId, conferenceId, endpointId, password, {
    send: (text) => texts.push(text),
    close: (code, reason) => closed.push([code, reason]),
  });
  return { handle, texts, closed };
}

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

describe('several workers', () => {
  test('share the port; the second starts when it is needed; the death of one concerns nobody else', async () => {
    const host = await startHost({}, silentLogger, 2);
    expect(host.bridges()).toMatchObject([
      { id: 'jvb', isOperational: true, stress: 0 },
      { id: 'jvb-2', isOperational: true, stress: 0.2 },
    ]);
    expect(host.workers.map(({ isStarted }) => isStarted)).toEqual([true, false]);
    // Who comes while it starts waits for it, and is not sent elsewhere.
    const early = host.request('jvb-2', { meetingId: 'early', create: true });
    expect(host.workers[1]).toMatchObject({ isStarted: true, isReady: false });
    expect(host.bridges()[1]?.isOperational).toBe(true);
    expect((await early).type).toBe('modified');
    await host.request('jvb-2', { meetingId: 'early', expire: true });
    const clients = { jvb: [] as MediaClient[], 'jvb-2': [] as MediaClient[] };
    for (let i = 0; i < 6; i++) {
      for (const bridgeId of ['jvb', 'jvb-2'] as const) {
        const { client } = await join(host, `e${i}`, 1000 + 100 * i, i === 0, bridgeId);
        clients[bridgeId].push(client);
      }
    }
    const all = [...clients.jvb, ...clients['jvb-2']];
    await eventually(() => expect(all.every(({ isConnected }) => isConnected)).toBe(true));
    expect(host.workers.map(({ udpPort }) => udpPort)).toEqual([host.udpPort, host.udpPort]);
    const stats = await host.stats();
    expect(stats).toMatchObject({ conferences: 2, endpoints: 12, largest_conference: 6 });
    // Whatever the kernel gave to the wrong one was handed over: with 12 senders, some of it.
    expect(stats?.counters.packet_io_handed_over).toBeGreaterThan(0);
    expect(stats?.counters.packet_io_rx_auth_failed).toBe(0);

    const told: string[] = [];
    host.onExit((bridgeId) => told.push(`exit ${bridgeId}`));
    host.onRestored((bridgeId) => told.push(`restored ${bridgeId}`));
    host.killWorker();
    await eventually(() => expect(told).toEqual(['exit jvb']));
    expect(host.bridges()).toMatchObject([{ isOperational: false }, { isOperational: true }]);
    const [sender, ...receivers] = clients['jvb-2'];
    let seq = 100;
    await eventually(() => {
      sender?.sendRtp(1000, 111, seq, seq * 960, Uint8Array.of(0xaa, seq));
      seq++;
      expect(receivers.every(({ received }) => received.length > 0)).toBe(true);
    });
    await eventually(() => expect(told).toEqual(['exit jvb', 'restored jvb']));
    expect((await host.request('jvb', { meetingId: 'm' })).type).toBe('error');
    expect((await host.request('jvb-2', { meetingId: 'm' })).type).toBe('modified');
    expect(host.workers[0]?.udpPort).toBe(host.udpPort);
  }, 30_000);

  test('one hangs: a conference on the other loses nothing', async () => {
    const host = await startHost({}, silentLogger, 2, { workerUrl: hangingWorkerUrl });
    await host.request('jvb-2', { meetingId: 'unlucky', create: true });
    const people: MediaClient[] = [];
    for (let i = 0; i < 6; i++) {
      people.push((await join(host, `e${i}`, 1000 + 100 * i, i === 0)).client);
    }
    await eventually(() => expect(people.every((each) => each.isConnected)).toBe(true));
    const hang = new BroadcastChannel('hang');
    closing.push(() => hang.close());
    hang.postMessage('jvb-2');
    const isSilent = () => Promise.race([host.workers[1]?.ping(), delay(200, 'silent')]);
    await eventually(async () => expect(await isSilent()).toBe('silent'));
    const seqs = Array.from({ length: SPOKEN_PACKETS }, (_, i) => 100 + i);
    for (const seq of seqs) {
      for (const [i, person] of people.entries()) {
        person.sendRtp(1000 + 100 * i, 111, seq, seq * 960, Uint8Array.of(0xaa, seq));
      }
      await delay(20);
    }
    for (const person of people) {
      await eventually(() => {
        for (const other of people.keys()) {
          const heard = person.received.filter(({ ssrc }) => ssrc === 1000 + 100 * other);
          const missing = seqs.length - new Set(heard.map(({ seq }) => seq)).size;
          expect(missing).toBe(people[other] === person ? seqs.length : 0);
        }
      });
    }
  }, 30_000);

  test('one that has nothing to do is ended, and there again when it is needed; its totals stay', async () => {
    const host = await startHost({}, silentLogger, 2, { idleAfterMs: 50 });
    const events: string[] = [];
    host.onExit((bridgeId) => events.push(bridgeId));
    for (let round = 1; round <= 2; round++) {
      expect((await host.request('jvb-2', { meetingId: 'm', create: true })).type).toBe('modified');
      expect(host.workers[1]?.isReady).toBe(true);
      await host.request('jvb-2', { meetingId: 'm', expire: true });
      await eventually(() => expect(host.workers[1]?.isStarted).toBe(false));
      expect(host.bridges()[1]).toEqual({ id: 'jvb-2', isOperational: true, stress: 0.2 });
      expect((await host.stats())?.counters.total_conferences_created).toBe(round);
    }
    expect(host.workers[0]?.isReady).toBe(true);
    expect(events).toEqual([]);
  }, 30_000);
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
