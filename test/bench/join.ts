/**
 * How long people wait: from the click that joins to the first picture of somebody else, in a second
 * browser on the same machine, on our own client. `npm run bench -- join [--json] [--joins N]`.
 */
import { parseArgs } from 'node:util';
import type { ParticipantPage } from '@conclave/testkit/browser';
import { ChromiumDriver } from '@conclave/testkit/browser';
import { ConclaveServer } from '@conclave/testkit/server';
import { endWithin } from './run/deadline.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    joins: { type: 'string', default: '20' },
    verbose: { type: 'boolean', default: false },
  },
});
const joins = Number(values.joins);
const FRAME_TIMEOUT_MS = 15_000;
const ROOM = 'bench-join';

/** Marks in a page, in milliseconds since its navigation began. */
interface Marks {
  readonly clickMs: number;
  readonly frameMs: number;
}

/** Notes the click on the join button and the first decoded frame of another participant's tile. */
function installMarks(): void {
  const marks = { clickMs: 0, frameMs: 0 };
  Object.assign(window, { benchMarks: marks });
  const watched = new WeakSet<Element>();
  document.addEventListener(
    'click',
    (event) => {
      const button = (event.target as Element).closest('button');
      if (/join/i.test(button?.textContent ?? '')) marks.clickMs = performance.now();
    },
    { capture: true },
  );
  new MutationObserver(() => {
    for (const tile of document.querySelectorAll('li[data-participant]')) {
      if ((tile.getAttribute('aria-label') ?? tile.textContent ?? '').includes('(you)')) continue;
      const video = tile.querySelector('video');
      if (video === null || watched.has(video)) continue;
      watched.add(video);
      video.requestVideoFrameCallback(() => {
        marks.frameMs ||= performance.now();
      });
    }
  }).observe(document, { childList: true, subtree: true, attributes: true });
}

async function enter(browser: ChromiumDriver, url: string, number: number) {
  const participant = await browser.openParticipant({ number, width: 320, height: 180 });
  const { page } = participant;
  await page.addInitScript(installMarks);
  await page.goto(`${url}/${ROOM}`);
  await page.getByLabel('Your name').fill(`Bench ${number}`);
  const button = page.getByRole('button', { name: 'Join meeting' });
  await button.waitFor();
  // People look at their own picture first; the aim counts from their click.
  await page.waitForFunction(() => {
    const video = document.querySelector('video');
    return video !== null && video.videoWidth > 0;
  });
  await button.click();
  return participant;
}

async function readMarks({ page }: ParticipantPage): Promise<Marks> {
  const handle = await page.waitForFunction(
    () => {
      const { benchMarks } = window as unknown as { benchMarks: Marks };
      return benchMarks.frameMs > 0 ? benchMarks : undefined;
    },
    undefined,
    { timeout: FRAME_TIMEOUT_MS, polling: 20 },
  );
  return (await handle.jsonValue()) as Marks;
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

const server = await ConclaveServer.start({ env: { LOG_LEVEL: 'info', ENABLE_P2P: '0' } });
endWithin(170, server.pid);
const host = await ChromiumDriver.launch();
const guest = await ChromiumDriver.launch();
const waits: number[] = [];
const sinceLoad: number[] = [];
try {
  await enter(host, server.url, 0);
  for (let i = 1; i <= joins; i++) {
    const participant = await enter(guest, server.url, i);
    try {
      const { clickMs, frameMs } = await readMarks(participant);
      waits.push(frameMs - clickMs);
      sinceLoad.push(frameMs);
      if (values.verbose) console.log(`join ${i}: ${Math.round(frameMs - clickMs)} ms`);
    } catch (error) {
      throw new Error(`join ${i} saw no picture:\n${participant.console.join('\n')}`, {
        cause: error,
      });
    }
    await participant.page.getByRole('button', { name: /^Leave/ }).click();
    await participant.close();
  }
} finally {
  await Promise.all([host.close(), guest.close()]);
  await server.stop();
}

waits.sort((a, b) => a - b);
sinceLoad.sort((a, b) => a - b);
const result = {
  joins: waits.length,
  medianMs: Math.round(percentile(waits, 0.5)),
  p95Ms: Math.round(percentile(waits, 0.95)),
  minMs: Math.round(waits[0] ?? 0),
  maxMs: Math.round(waits.at(-1) ?? 0),
  sinceLoadMedianMs: Math.round(percentile(sinceLoad, 0.5)),
};
if (values.json) {
  console.log(JSON.stringify(result));
} else {
  console.log(`${result.joins} joins, from the click to the first picture of somebody else:`);
  console.log(`  median ${result.medianMs} ms, 95th percentile ${result.p95Ms} ms`);
  console.log(`  fastest ${result.minMs} ms, slowest ${result.maxMs} ms`);
}
