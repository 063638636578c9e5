/** The videobridge of a simulated meeting: the built worker as the server runs it, without the server around it. */
import { fileURLToPath, pathToFileURL } from 'node:url';
import { silentLogger } from '@conclave/base';
import { systemClock, systemTimers } from '@conclave/platform/net';
import { createSelfSignedCertificate } from '@conclave/platform/packet-io';
import type { ConferenceModify, IceTransport } from '@conclave/protocols/colibri';
import { VideobridgeHost } from '@conclave/videobridge';
import { serve } from '../forwarding/processes.ts';
import { inspectWorker } from '../inspector/channels.ts';
import type { AllocationProfile, Collection, CpuProfile } from '../inspector/thread-inspector.ts';
import { waitedForCoreUs } from '../run/core-wait.ts';
import { constraintsOf, MEDIA, MEETING_ID, type MeetingPlan, memberId, sourcesOf } from './plan.ts';
import { datagramsDropped } from './socket-drops.ts';

const worker = fileURLToPath(new URL('../../../dist/bridge-worker.js', import.meta.url));
const MAX_MEMBERS = 1000;
const BRIDGE_ID = 'jvb';

const host = new VideobridgeHost(
  { clock: systemClock, timers: systemTimers, logger: silentLogger },
  {
    workerUrl: pathToFileURL(worker),
    bridge: {
      bridgeId: BRIDGE_ID,
      udpPort: 0,
      localAddresses: ['127.0.0.1'],
      channelBaseUrl: 'wss://localhost/colibri-ws/',
      limits: { maxEndpointsPerConference: MAX_MEMBERS },
      // What everybody asked for is measured, also when that is more than a core can do.
      reducesLoad: false,
      ...createSelfSignedCertificate({ commonName: 'bench', alternativeNames: [], validDays: 1 }),
    },
  },
);
/** Of those whose bridge channel is not open yet. */
const passwords = new Map<number, string>();
const inspected = inspectWorker('bridge-worker.js');

async function modify(message: ConferenceModify) {
  const response = await host.request(BRIDGE_ID, message);
  if (response.type === 'error') throw new Error(`${response.reason}: ${response.text}`);
  return response.result;
}

serve({
  async open(): Promise<void> {
    await host.start();
    await (await inspected).watchCollections();
  },
  /** The transport that is offered to the member. */
  async invite(plan: MeetingPlan, member: number): Promise<IceTransport> {
    const ssrcRewriting = plan.takesRewrittenSsrcs;
    const { endpoints } = await modify({
      meetingId: MEETING_ID,
      ...(member === 0 && { create: true }),
      endpoints: [{ id: memberId(member), create: true, media: MEDIA, ssrcRewriting }],
    });
    const transport = endpoints[0]?.transport;
    if (transport === undefined) throw new Error('no transport');
    passwords.set(member, transport.webSocketUrl?.split('pwd=')[1] ?? '');
    return transport;
  },
  async accept(member: number, transport: IceTransport): Promise<void> {
    const endpoint = { id: memberId(member), transport, sources: sourcesOf(member) };
    await modify({ meetingId: MEETING_ID, endpoints: [endpoint] });
  },
  /** What everybody wants to see who has come since. */
  watch(plan: MeetingPlan): void {
    const transport = { send() {}, close() {} };
    for (const [member, password] of passwords) {
      const channel = host.openChannel(
        BRIDGE_ID,
        MEETING_ID,
        memberId(member),
        password,
        transport,
      );
      channel.handleMessage(constraintsOf(plan, member));
    }
    passwords.clear();
  },
  /** Totals; CPU is that of all threads. */
  async usage() {
    const counters = (await host.stats())?.counters ?? {};
    const { user, system } = process.cpuUsage();
    const waitedUs = waitedForCoreUs();
    return { cpuUs: user + system, waitedUs, dropped: datagramsDropped(), counters };
  },
  async memory(): Promise<{ readonly heapBytes: number; readonly residentBytes: number }> {
    const heapBytes = await (await inspected).usedHeapBytes();
    return { heapBytes, residentBytes: process.memoryUsage().rss };
  },
  async collections(): Promise<readonly Collection[]> {
    return (await inspected).collections();
  },
  async cpuProfile(seconds: number): Promise<CpuProfile> {
    return (await inspected).cpuProfile(seconds);
  },
  async startSampling(intervalBytes: number): Promise<void> {
    return (await inspected).startSampling(intervalBytes);
  },
  async stopSampling(): Promise<AllocationProfile> {
    return (await inspected).stopSampling();
  },
});
