/** Other WebRTC stacks than browsers' receive a real call: each line carries what the focus said it would. */
import { networkInterfaces } from 'node:os';
import { waitUntil } from '@conclave/testkit';
import type { Page } from 'playwright-core';
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

/** The browser's page may help to look at what came. */
type Stack = readonly [name: string, create: (page: Page) => Peer];
const AIORTC: Stack = ['aiortc', () => new AiortcPeer()];
const WERIFT: Stack = ['werift', (page) => new WeriftPeer(page)];

function isWell({ kind, count, number, isAudible }: LineReading, sender: number): boolean {
  return count > 20 && (kind === 'video' ? number === sender : isAudible === true);
}

const stacks = AiortcPeer.obstacle === undefined ? [AIORTC, WERIFT] : [WERIFT];
if (AiortcPeer.obstacle !== undefined) console.warn(AiortcPeer.obstacle);

test.each(stacks)(
  '%s sees and hears two senders',
  async (name, create) => {
    const config = { p2p: { enabled: false } };
    const open = (number: number) =>
      LjmClient.open(stage.browser, stage.ljmSite, { number, config });
    const senders = [await open(1), await open(2)];
    for (const sender of senders) await sender.join(`interop-${name}`);
    await expectFullCall(senders);

    peer = create(senders[0]!.participant.page);
    receiver = await InteropReceiver.join(stage.server, `interop-${name}@muc.meet.jitsi`, peer);
    await waitUntil(
      'four lines that carry what they should',
      async () => {
        if (receiver?.failure !== undefined) return 'failed';
        const readings = (await peer?.read()) ?? new Map<string, LineReading>();
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
