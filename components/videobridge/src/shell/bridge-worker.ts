/**
 * The bridge worker's shell: packet-io, timers and the port to the main thread around `BridgeCore`.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { MessagePort } from 'node:worker_threads';
import type { LogFields, Logger } from '@conclave/base';
import { createPacketIo, threadCpuSeconds } from '@conclave/platform/packet-io';
import { BridgeCore } from '../core/bridge-core.ts';
import { TransitHistogram } from '../core/transit-histogram.ts';
import type { VideobridgeOptions } from '../options.ts';
import { LoadMeter } from './load-meter.ts';
import { watchStunServers } from './stun-servers.ts';
import type { FromWorker, ToWorker } from './worker-protocol.ts';

/** Feedback after a frame is due 20 ms later: the finest interval there is. */
const BUSY_TICK_MS = 20;
const IDLE_TICK_MS = 1000;
/** What must not leave at once leaves in steps of that; probes take 15 ms and more. */
const PACED_TICK_MS = 5;

/** Runs until the thread ends. */
export function runBridgeWorker(port: MessagePort, options: VideobridgeOptions): void {
  const post = (message: FromWorker): void => port.postMessage(message);
  const transit = new TransitHistogram();
  const packetIo = createPacketIo(
    {
      port: options.udpPort,
      certificate: options.certificate,
      privateKey: options.privateKey,
      ...(options.station !== undefined && { station: options.station }),
      ...(options.listenAddress !== undefined && { address: options.listenAddress }),
      ...(options.slotCount !== undefined && { slotCount: options.slotCount }),
      ...(options.segmentation !== undefined && { segmentation: options.segmentation }),
    },
    {
      onBatch: (count, nowMs) => {
        core.handleBatch(count, nowMs);
        transit.add(performance.now() - nowMs, count);
        sendPaced();
      },
      onDtlsConnected: (peer) => core.handleDtlsConnected(peer, performance.now()),
      onDtlsClosed: (peer, reason) => core.handleDtlsClosed(peer, reason, performance.now()),
    },
  );
  const logger = portLogger(post, {});
  const core = new BridgeCore(
    {
      port: packetIo,
      random: { bytes: (length) => randomBytes(length) },
      stunCrypto: {
        hmacSha1: (key, data) => createHmac('sha1', key).update(data).digest(),
      },
      logger,
      outlet: {
        event: (event) => post({ type: 'event', event }),
        sendOnChannel: (channelId, text) => post({ type: 'channelSend', channelId, text }),
        sendToBridge: ({ bridgeId, meetingId }, text) =>
          post({ type: 'bridgeSend', to: bridgeId, meetingId, text }),
        addressesMapped: (addresses) => post({ type: 'addressesMapped', addresses }),
        closeChannel: (channelId, code, reason) =>
          post({ type: 'channelClose', channelId, code, reason }),
      },
    },
    options,
  );

  const load = new LoadMeter(threadCpuSeconds(), performance.now());
  const tick = (): void => {
    const nowMs = performance.now();
    core.handleTick(nowMs);
    const stress = load.read(nowMs, threadCpuSeconds);
    if (stress !== undefined) post({ type: 'load', stress });
    core.handleLoad(load.stress, nowMs);
    if (core.conferenceCount > 0) busyMs = nowMs;
    else if (nowMs - busyMs >= (options.idleAfterMs ?? Number.POSITIVE_INFINITY)) {
      post({ type: 'idle', counters: core.stats(nowMs).counters });
    }
    sendPaced();
    timer = setTimeout(tick, core.conferenceCount > 0 ? BUSY_TICK_MS : IDLE_TICK_MS);
  };
  /** When there was last a conference. */
  let busyMs = performance.now();
  let timer = setTimeout(tick, IDLE_TICK_MS);
  const stunServers = watchStunServers(options.stunServers ?? [], logger, (addresses) =>
    core.setStunServers(addresses, performance.now()),
  );
  let pacedTimer: NodeJS.Timeout | undefined;
  /** Goes on until nothing waits. */
  const sendPaced = (): void => {
    if (pacedTimer !== undefined || !core.hasPaced) return;
    pacedTimer = setTimeout(() => {
      pacedTimer = undefined;
      core.sendPaced(performance.now());
      sendPaced();
    }, PACED_TICK_MS);
  };
  /** A first conference must not wait for the idle tick. */
  const wake = (): void => {
    clearTimeout(timer);
    timer = setTimeout(tick, BUSY_TICK_MS);
  };

  port.on('message', (message: ToWorker) => {
    const nowMs = performance.now();
    switch (message.type) {
      case 'colibri': {
        const wasIdle = core.conferenceCount === 0;
        const response = core.handleColibri(message.message, nowMs);
        if (wasIdle && core.conferenceCount > 0) wake();
        post({ type: 'colibri', id: message.id, response });
        return;
      }
      case 'checkChannel': {
        const { id, conferenceId, endpointId, password } = message;
        const result = core.channels.check(conferenceId, endpointId, password);
        post({ type: 'channelChecked', id, result });
        return;
      }
      case 'channelOpen':
        core.channels.open(
          message.channelId,
          message.conferenceId,
          message.endpointId,
          message.password,
          nowMs,
        );
        return;
      case 'channelMessage':
        core.channels.handleMessage(message.channelId, message.text, nowMs);
        return;
      case 'channelClosed':
        core.channels.handleClosed(message.channelId);
        return;
      case 'bridgeMessage':
        core.handleBridgeMessage(message.meetingId, message.from, message.text, nowMs);
        return;
      case 'ping':
        post({ type: 'pong', id: message.id });
        return;
      case 'stats':
        post({
          type: 'stats',
          id: message.id,
          stats: { ...core.stats(nowMs), transit_time: transit.read() },
        });
        return;
      case 'debug':
        post({ type: 'debug', id: message.id, state: core.debugState(message.query, nowMs) });
        return;
      case 'close':
        clearTimeout(timer);
        clearTimeout(pacedTimer);
        stunServers.close();
        core.close(nowMs);
        packetIo.close();
        port.close();
        return;
      default: {
        const never: never = message;
        throw new Error(`unknown message ${JSON.stringify(never)}`);
      }
    }
  });
  post({ type: 'ready', udpPort: packetIo.port, fingerprint: packetIo.fingerprint });
}

/** Logs on the main thread. */
function portLogger(post: (message: FromWorker) => void, bound: LogFields): Logger {
  const log = (level: 'debug' | 'info' | 'warn' | 'error') => (event: string, fields?: LogFields) =>
    post({ type: 'log', level, event, fields: { ...bound, ...fields } });
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    child: (fields) => portLogger(post, { ...bound, ...fields }),
  };
}
