/**
 * What happens to a call when the network of one participant turns bad and good again, told once with one sender
 * and once with six. Phases follow each other in one call, so that each is compared with the clean one on the
 * same machine in the same minute.
 */
import { SeededRandom, waitUntil } from '@conclave/testkit';
import type { LjmClient, LjmClientOptions } from '../ljm/ljm-client.ts';
import type { BadNetworkCall } from './bad-network-call.ts';
import { type Phase, PhaseRecorder } from './phase-recorder.ts';

/** Chromium sends half of it and all of it. */
const SENDER_CAMERA = { width: 640, height: 360, frameRate: 15, isGrainy: true } as const;
const TINY_CAMERA = { width: 160, height: 90, frameRate: 5 } as const;
/** What the page asks for by itself, of everybody. */
const ASKED_HEIGHT = 360;
/** Clearly more than what is left of the link when it is cut, voice included. */
const FULL_BPS = 600_000;

/** What the clients of a story are like. */
export interface Cast {
  readonly config: Readonly<Record<string, unknown>>;
  /** Of the one sender of `tellBadNetwork`. */
  readonly camera: Pick<LjmClientOptions, 'width' | 'frameRate' | 'isGrainy'> & {
    readonly height: number;
  };
}

/** VP8 of the library of 2021. */
export const DEFAULT_CAST: Cast = { config: { p2p: { enabled: false } }, camera: SENDER_CAMERA };

/**
 * The current library with `codec` (`VP9` …). It sends so little of a small camera that a cut to 500 kbit/s would be none, and of
 * VP8 and H.264 no more than half of it.
 */
export function castWith(codec: string): Cast {
  return {
    config: { ...DEFAULT_CAST.config, videoQuality: { codecPreferenceOrder: [codec] } },
    camera: { width: 1280, height: 720, frameRate: 10, isGrainy: true },
  };
}
/** Time for the estimate to follow a change of the network, before what comes of it is measured. */
const SETTLE_MS = 3000;

/** One sender; the downlink of the receiver is cut, restored, lossy, and late. */
export async function tellBadNetwork(
  call: BadNetworkCall,
  report: (phase: Phase) => void,
  { config, camera }: Cast = DEFAULT_CAST,
): Promise<void> {
  const { network, relay } = call;
  const far = await call.openFar({ number: 1, config, ...TINY_CAMERA });
  const near = await call.openNear({ number: 2, config, ...camera });
  await joinAll('bad-network', [far, near]);
  if (camera.height > ASKED_HEIGHT) await putOnStage(far, near, camera.height);
  const meter = await PhaseRecorder.start(call.timeline, far, near);
  const isTop = ({ height }: { readonly height: number }) => height >= camera.height;
  const startMs = await meter.until(isTop, 30_000);
  if (startMs === undefined) throw new Error('the top layer never came');
  const tell = async (name: string, durationMs: number) => {
    await meter.begin();
    report(await meter.finish(name, durationMs));
  };
  await waitUntil(
    'the sender to send all it can: the cut shall be one',
    async () => {
      await meter.begin();
      return (await meter.measure(1000)).receivedBps > FULL_BPS;
    },
    { timeoutMs: 30_000 },
  );
  await tell('clean', 8000);

  await meter.begin();
  network.setRate(500_000);
  const lowerMs = await meter.until(({ height }) => height < camera.height, 10_000);
  report(await meter.finish('500 kbit/s', 10_000, lowerMs));
  await meter.begin();
  network.setRate(Number.POSITIVE_INFINITY);
  const topMs = await meter.until(isTop, 20_000);
  report(await meter.finish('restored', 5000, topMs));

  for (const percent of [5, 10]) {
    network.setLoss(percent / 100);
    await meter.measure(SETTLE_MS);
    await tell(`${percent} % loss`, 8000);
    network.setLoss(0);
    await meter.begin();
    await meter.until(isTop, 20_000);
  }

  const random = new SeededRandom(100);
  relay.delay = (direction) =>
    direction === 'toBrowser' ? 100 + 30 * (2 * random.fraction() - 1) : 0;
  await meter.begin();
  await meter.measure(SETTLE_MS);
  await tell('100 ± 30 ms', 8000);
  relay.delay = () => 0;

  // Shows that the meter would have seen it.
  await meter.begin();
  network.setLoss(1);
  await meter.measure(1000);
  network.setLoss(0);
  report(await meter.finish('nothing for 1 s', 5000));
  meter.close();
}

/** Six senders, of whom two speak, over 300 kbit/s; one of the two is on stage. */
export async function tellCrowd(
  call: BadNetworkCall,
  report: (phase: Phase) => void,
  { config }: Cast = DEFAULT_CAST,
): Promise<void> {
  const far = await call.openFar({ number: 1, config, ...TINY_CAMERA });
  const senders: LjmClient[] = [];
  for (let number = 2; number <= 7; number++) {
    const camera = number === 2 ? SENDER_CAMERA : { ...SENDER_CAMERA, width: 320, height: 180 };
    senders.push(await call.openNear({ number, config, ...camera, frameRate: 10 }));
  }
  await joinAll('crowd', [far, ...senders]);
  for (const { participant } of senders.slice(2)) {
    await participant.page.evaluate(() => window.call.setMuted('audio', true));
  }
  const [stage] = senders as [LjmClient];
  await putOnStage(far, stage, SENDER_CAMERA.height);
  const meter = await PhaseRecorder.start(call.timeline, far, stage);
  if ((await meter.until(() => true, 30_000)) === undefined) throw new Error('no picture on stage');
  await meter.begin();
  await meter.measure(SETTLE_MS);
  await meter.begin();
  report(await meter.finish('six senders, clean', 6000));
  await meter.begin();
  call.network.setRate(300_000);
  await meter.measure(SETTLE_MS);
  await meter.begin();
  report(await meter.finish('six senders, 300 kbit/s', 12_000));
  meter.close();
  call.network.setRate(Number.POSITIVE_INFINITY);
}

function putOnStage(receiver: LjmClient, { id }: LjmClient, maxHeight: number): Promise<void> {
  const wish = { id, maxHeight };
  return receiver.participant.page.evaluate((w) => window.call.putOnStage(w.id, w.maxHeight), wish);
}

async function joinAll(room: string, clients: readonly LjmClient[]): Promise<void> {
  for (const client of clients) await client.join(room);
  const [far, ...others] = clients;
  await waitUntil(
    'all tracks at the far end',
    async () => {
      const remote = (await far?.readRemote()) ?? [];
      const isThere = ({ pictures, tones }: (typeof remote)[number]) =>
        (pictures[0]?.height ?? 0) > 0 && tones.length > 0;
      return remote.length === others.length && remote.every(isThere);
    },
    { timeoutMs: 30_000 },
  );
}
