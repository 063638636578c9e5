/**
 * What a large room costs each client in its session description: our client enters rooms of growing size, once as it is
 * and once without SSRC rewriting. The others are synthetic: they have microphones and cameras, and send nothing.
 * `npm run bench -- session-description [--json] [--sizes 10,100,500]`.
 */
import { parseArgs } from 'node:util';
import { waitUntil } from '@conclave/testkit';
import { ChromiumDriver } from '@conclave/testkit/browser';
import { ConclaveServer } from '@conclave/testkit/server';
import { endWithin } from './run/deadline.ts';
import { SyntheticParticipant } from './synthetic-call/participant.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    sizes: { type: 'string', default: '10,100,500' },
  },
});
const sizes = values.sizes.split(',').map(Number);
const NODE = 'bench-large';
const ROOM = `${NODE}@muc.meet.jitsi`;
/** At a time: the room fills no faster than a real one. */
const JOINING = 10;
const SETTLED_MS = 3000;

interface Description {
  readonly lines: number;
  readonly ssrcs: number;
  readonly kilobytes: number;
  /** From the click that joins to a description that stays as it is. */
  readonly settledMs: number;
}

/** The description that our client has when nothing comes any more. */
async function enter(url: string, rewriting: boolean): Promise<Description> {
  const browser = await ChromiumDriver.launch();
  try {
    const { page } = await browser.openParticipant({ number: 1, width: 320, height: 180 });
    await page.goto(`${url}/${NODE}#config.flags.ssrcRewritingEnabled=${rewriting}`);
    await page.getByLabel('Your name').fill('Bench');
    await page.getByRole('button', { name: 'Join meeting' }).click();
    const startMs = performance.now();
    const read = () =>
      page.evaluate(() => {
        const sdp = window.conclave?.conference?.media.peerConnection?.remoteDescription?.sdp ?? '';
        return {
          lines: sdp.match(/^m=/gm)?.length ?? 0,
          ssrcs: new Set(sdp.match(/^a=ssrc:\d+/gm)).size,
          kilobytes: Math.round(sdp.length / 102.4) / 10,
          sdp,
        };
      });
    let before = '';
    let sinceMs = startMs;
    let result = { lines: 0, ssrcs: 0, kilobytes: 0 };
    await waitUntil(
      'a description that stays',
      async () => {
        const { sdp, ...counts } = await read();
        const nowMs = performance.now();
        if (sdp !== before) {
          before = sdp;
          sinceMs = nowMs;
          result = counts;
        }
        return result.lines > 2 && nowMs - sinceMs > SETTLED_MS;
      },
      { timeoutMs: 120_000, intervalMs: 200 },
    );
    // Otherwise the server keeps the place for a minute, and the next count has one more.
    await page.getByRole('button', { name: /^Leave/ }).click();
    await page.getByRole('heading', { name: 'You left the meeting' }).waitFor();
    return { ...result, settledMs: Math.round(sinceMs - startMs) };
  } finally {
    await browser.close();
  }
}

const server = await ConclaveServer.start({
  env: {
    LOG_LEVEL: 'warn',
    ENABLE_P2P: '0',
    MAX_PARTICIPANTS: '600',
    WEB_MAX_CONNECTIONS_PER_ADDRESS: '5000',
  },
});
endWithin(590, server.pid);
const participants: SyntheticParticipant[] = [];
const rooms: { people: number; rewriting: Description; classic: Description }[] = [];
try {
  for (const size of sizes) {
    while (participants.length < size - 1) {
      const count = Math.min(JOINING, size - 1 - participants.length);
      const joining = Array.from({ length: count }, () =>
        SyntheticParticipant.join(server, ROOM, { isSilent: true, takesRewrittenSsrcs: true }),
      );
      participants.push(...(await Promise.all(joining)));
      if (participants.length === 1) continue; // nobody is invited to a room of one
      await waitUntil(
        `${participants.length} to be connected`,
        () => participants.every((participant) => participant.isConnected),
        { timeoutMs: 60_000 },
      );
    }
    const rewriting = await enter(server.url, true);
    const classic = await enter(server.url, false);
    rooms.push({ people: size, rewriting, classic });
    if (values.json) continue;
    for (const [mode, { lines, ssrcs, kilobytes, settledMs }] of [
      ['rewriting', rewriting],
      ['classic', classic],
    ] as const) {
      console.log(
        `${size} people, ${mode}: ${lines} m-lines, ${ssrcs} SSRCs, ${kilobytes} kB, settled after ${settledMs} ms`,
      );
    }
  }
  if (values.json) console.log(JSON.stringify({ rooms }));
} finally {
  for (const participant of participants) participant.close();
  await server.stop();
}
process.exit(0);
