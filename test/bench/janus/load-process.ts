/** Senders that feed mountpoints and the viewers of each, all in one process: the other side of Janus. */
import { createSocket } from 'node:dgram';
import { localAddresses } from '@conclave/platform/net';
import { serve } from '../forwarding/processes.ts';
import { JanusSession } from './janus-session.ts';
import { RtpSource } from './rtp-source.ts';
import { Viewer } from './viewer.ts';

const TICK_MS = 4;
const TRANSPORT_TICKS = 5;

const viewers: Viewer[] = [];
const sources: RtpSource[] = [];
const socket = createSocket('udp4');
let isSending = false;
let ticks = 0;
setInterval(() => {
  const nowMs = performance.now();
  if (isSending) for (const source of sources) source.tick(nowMs);
  if (ticks++ % TRANSPORT_TICKS === 0) for (const viewer of viewers) viewer.transport.tick(nowMs);
}, TICK_MS);

serve({
  /** Viewers of each mountpoint; all are connected when it returns. */
  async open(webSocketPort: number, rtpPorts: readonly number[], receivers: number): Promise<void> {
    const address = localAddresses({ ipv6: false }).find((a) => !a.address.startsWith('127.'));
    if (address === undefined) throw new Error('Janus needs an address besides that of loopback');
    const session = await JanusSession.open(webSocketPort);
    for (const [i, port] of rtpPorts.entries()) {
      sources.push(new RtpSource(socket, port, i, i / rtpPorts.length));
      for (let receiver = 0; receiver < receivers; receiver++) {
        const { handle, offer } = await session.watch(i + 1);
        const viewer = new Viewer(offer);
        viewers.push(viewer);
        await session.start(handle, viewer.answer(offer, address.address));
      }
    }
    isSending = true;
  },
  /** Undefined when all are connected, else what is wrong. */
  state(): string | undefined {
    const failed = viewers.find(({ transport }) => transport.failure !== undefined);
    if (failed !== undefined) return `failed: ${failed.transport.failure}`;
    const waiting = viewers.filter(({ transport }) => !transport.isConnected).length;
    return waiting === 0 ? undefined : `${waiting} of ${viewers.length} are not connected`;
  },
  counts() {
    const sum = (of: (viewer: Viewer) => number) =>
      viewers.reduce((total, viewer) => total + of(viewer), 0);
    return {
      sent: sources.reduce((total, { sent }) => total + sent, 0),
      received: sum(({ received }) => received),
      missing: sum(({ missing }) => missing),
      notTaken: sum(({ notTaken }) => notTaken),
    };
  },
});
