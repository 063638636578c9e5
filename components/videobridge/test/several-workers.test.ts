/** Several worker threads on one UDP port. */
import { setTimeout as delay } from 'node:timers/promises';
import { BroadcastChannel } from 'node:worker_threads';
import { silentLogger } from '@conclave/base';
import { describe, expect, test } from 'vitest';
import { build, closing, eventually, join, startHost } from './host-fixture.ts';
import type { MediaClient } from './media-client.ts';

const hangingWorkerUrl = build('./hanging-worker.ts');
/** A second of a voice. */
const SPOKEN_PACKETS = 50;

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
