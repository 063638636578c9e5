/** Other WebRTC stacks than browsers' receive a real call: each line carries what the focus said it would. */
import { networkInterfaces } from 'node:os';
import { waitUntil } from '@conclave/testkit';
import { afterEach, expect, test } from 'vitest';
import { expectFullCall } from '../e2e/expect-call.ts';
import { LjmClient } from '../e2e/ljm/ljm-client.ts';
import { useStage } from '../e2e/stage.ts';
import { AiortcPeer } from './aiortc-peer.ts';
import type { LineReading, Peer } from './peer.ts';
import { InteropReceiver } from './receiver.ts';
import { WeriftPeer } from './werift-peer.ts';

/** Both stacks send from addresses of the network only, and those do not reach 127.0.0.1. */
const address = Object.values(networkInterfaces())
  .flat()
  .find((info) => info?.family === 'IPv4' && !info.internal)?.address;
const stage = useStage({ env: { JVB_ADVERTISE_IPS: address ?? '127.0.0.1' } });

let peer: Peer | undefined;
let receiver: InteropReceiver | undefined;
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.error(receiver?.failure, peer?.log);
  receiver?.close();
  await peer?.close();
});

const DECODED: readonly [string, () => Peer, (line: LineReading, sender: number) => boolean] = [
  'aiortc',
  () => new AiortcPeer(),
  ({ kind, count, number, isAudible }, sender) =>
    count > 20 && (kind === 'video' ? number === sender : isAudible === true),
];
const COUNTED: typeof DECODED = ['werift', () => new WeriftPeer(), ({ count }) => count > 100];

const stacks = AiortcPeer.obstacle === undefined ? [DECODED, COUNTED] : [COUNTED];
if (AiortcPeer.obstacle !== undefined) console.warn(AiortcPeer.obstacle);

test.each(stacks)(
  '%s sees and hears two senders',
  async (name, create, isWell) => {
    const config = { p2p: { enabled: false } };
    const open = (number: number) =>
      LjmClient.open(stage.browser, stage.ljmSite, { number, config });
    const senders = [await open(1), await open(2)];
    for (const sender of senders) await sender.join(`interop-${name}`);
    await expectFullCall(senders);

    peer = create();
    receiver = await InteropReceiver.join(stage.server, `interop-${name}@muc.meet.jitsi`, peer);
    await waitUntil(
      'four lines that carry what they should',
      () => {
        if (receiver?.failure !== undefined) return 'failed';
        const readings = peer?.read() ?? new Map<string, LineReading>();
        const wellLines = [...(receiver?.sources ?? [])].filter(([mid, source]) => {
          const sender = senders.find(({ id }) => source.startsWith(`${id}-`));
          const reading = readings.get(mid);
          return sender !== undefined && reading !== undefined && isWell(reading, sender.number);
        });
        return wellLines.length === 4 && 'well';
      },
      { timeoutMs: 30_000 },
    ).then((end) => expect(end).toBe('well'));
  },
  90_000,
);
