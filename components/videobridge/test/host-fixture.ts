/** Workers of the real program with real sockets, and clients of them; all of it ends with the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join as joinPath } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Clock, Logger, TimerHandle, Timers } from '@conclave/base';
import { silentLogger } from '@conclave/base';
import { createSelfSignedCertificate } from '@conclave/platform/packet-io';
import type { EndpointModify, IceTransport } from '@conclave/protocols/colibri';
import { buildSync } from 'esbuild';
import { afterAll, afterEach, vi } from 'vitest';
import {
  VideobridgeHost,
  type VideobridgeHostOptions,
  type VideobridgeOptions,
} from '../src/index.ts';
import { MediaClient } from './media-client.ts';
import { MEDIA } from './test-bridge.ts';

export const clock: Clock = { nowMs: () => performance.now(), wallMs: () => Date.now() };
export const timers: Timers = {
  schedule(delayMs, callback): TimerHandle {
    const timer = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

const folder = mkdtempSync(joinPath(tmpdir(), 'conclave-bridge-'));
/** The thread's program as the build makes it: a worker has no TypeScript loader. */
export function build(source: string): URL {
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
export const workerUrl = build('../src/worker.ts');
process.env.CONCLAVE_PACKET_IO ??= fileURLToPath(
  new URL('../../../dist/packet_io.node', import.meta.url),
);
afterAll(() => rmSync(folder, { recursive: true }));

export const closing: (() => unknown)[] = [];

/** With patience: this waits for other threads, on a machine that may be busy with other tests. */
export function eventually(check: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(check, 10_000);
}

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

export async function startHost(
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

export async function modify(
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

export async function join(
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

export function openChannel(host: VideobridgeHost, url: URL) {
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
