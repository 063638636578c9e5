/** The videobridge with one or two workers, for simulated meetings on one of them each, or on both. */
import { fileURLToPath, pathToFileURL } from 'node:url';
import { silentLogger } from '@conclave/base';
import { systemClock, systemTimers } from '@conclave/platform/net';
import { createSelfSignedCertificate } from '@conclave/platform/packet-io';
import type {
  ConferenceModify,
  IceTransport,
  RelayedEndpoint,
  RelayTransport,
} from '@conclave/protocols/colibri';
import { VideobridgeHost } from '@conclave/videobridge';
import { serve } from '../forwarding/processes.ts';
import { constraintsOf, MEDIA, type MeetingPlan, memberId, sourcesOf } from '../meeting/plan.ts';

const worker = fileURLToPath(new URL('../../../dist/bridge-worker.js', import.meta.url));
const BRIDGES = ['jvb', 'jvb-2'];

/** A member of a meeting, and the worker that serves it. */
export interface Seat {
  readonly meetingId: string;
  readonly member: number;
  /** 0 or 1. */
  readonly worker: number;
}

let host: VideobridgeHost | undefined;
const passwords: { readonly seat: Seat; readonly password: string }[] = [];

function running(): VideobridgeHost {
  if (host === undefined) throw new Error('not open');
  return host;
}

const bridgeOf = (index: number) => BRIDGES[index] ?? '';

async function modify(index: number, message: ConferenceModify) {
  const response = await running().request(bridgeOf(index), message);
  if (response.type === 'error') throw new Error(`${response.reason}: ${response.text}`);
  return response.result;
}

serve({
  async open(workers: number): Promise<void> {
    host = new VideobridgeHost(
      { clock: systemClock, timers: systemTimers, logger: silentLogger },
      {
        workerUrl: pathToFileURL(worker),
        workers,
        bridge: {
          udpPort: 0,
          localAddresses: ['127.0.0.1'],
          channelBaseUrl: 'wss://localhost/colibri-ws/',
          reducesLoad: false,
          ...createSelfSignedCertificate({
            commonName: 'bench',
            alternativeNames: [],
            validDays: 1,
          }),
        },
      },
    );
    await host.start();
  },
  async create(meetingId: string, index: number): Promise<void> {
    await modify(index, { meetingId, create: true });
  },
  /** The transport that is offered to the member. */
  async invite(seat: Seat): Promise<IceTransport> {
    const { endpoints } = await modify(seat.worker, {
      meetingId: seat.meetingId,
      endpoints: [{ id: memberId(seat.member), create: true, media: MEDIA }],
    });
    const transport = endpoints[0]?.transport;
    if (transport === undefined) throw new Error('no transport');
    passwords.push({ seat, password: transport.webSocketUrl?.split('pwd=')[1] ?? '' });
    return transport;
  },
  async accept({ meetingId, member, worker: index }: Seat, transport: IceTransport) {
    const endpoint = { id: memberId(member), transport, sources: sourcesOf(member) };
    await modify(index, { meetingId, endpoints: [endpoint] });
  },
  /** Joins the two workers that a meeting is on, as the focus does. */
  async span(meetingId: string): Promise<void> {
    const ends: (RelayTransport | undefined)[] = [];
    for (const index of [0, 1]) {
      const endpoints: RelayedEndpoint[] = passwords
        .filter(({ seat }) => seat.meetingId === meetingId && seat.worker !== index)
        .map(({ seat }) => ({ id: memberId(seat.member), sources: sourcesOf(seat.member) }));
      const relay = { id: bridgeOf(1 - index), create: true, media: MEDIA, endpoints };
      const { relays } = await modify(index, { meetingId, relays: [relay] });
      ends.push(relays?.[0]?.transport);
    }
    for (const index of [0, 1]) {
      const transport = ends[1 - index];
      if (transport === undefined) throw new Error('no relay');
      await modify(index, { meetingId, relays: [{ id: bridgeOf(1 - index), transport }] });
    }
  },
  /** What everybody wants to see, once everybody is there. */
  watch(plan: MeetingPlan): void {
    const transport = { send() {}, close() {} };
    for (const { seat, password } of passwords) {
      const { meetingId, member } = seat;
      const bridgeId = bridgeOf(seat.worker);
      const id = memberId(member);
      const channel = running().openChannel(bridgeId, meetingId, id, password, transport);
      channel.handleMessage(constraintsOf(plan, member));
    }
  },
  /** Totals; CPU is that of all threads. */
  async usage(): Promise<{ readonly cpuUs: number; readonly counters: Record<string, number> }> {
    const counters = (await running().stats())?.counters ?? {};
    const { user, system } = process.cpuUsage();
    return { cpuUs: user + system, counters };
  },
});
