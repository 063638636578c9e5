/**
 * Many small rooms on one core, which is what most servers run: everybody sends to everybody else, audio and
 * video, or audio only. CPU per forwarded packet beside the per-packet forwarders in C of the forwarding benchmark, by the same
 * means (see there: pinned cores, medians of alternating rounds, what arrives in one room is checked).
 *
 *   npm run bench -- small-rooms [--json] [--seconds 2] [--rounds 3] [--cases 100x3,30x10,100x3-audio,30x10-audio]
 *
 * Video is 1 Mbit/s of each in rooms of three and 250 kbit/s in rooms of ten (thumbnails), 30 frames a
 * second, audio 50 packets a second. Senders are spread evenly over time, so that hardly two packets come together unless they
 * are of one frame.
 */
import { parseArgs } from 'node:util';
import { buildAddon } from '../../scripts/build-addon.mjs';
import type { Setup } from './forwarding/measure.ts';
import { buildBenchAddon } from './forwarding/native.ts';

buildAddon();
buildBenchAddon();
// Loads what was just built.
const { compare, packetCounts, peers, startContest } = await import('./forwarding/compare.ts');

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    cases: { type: 'string', default: '100x3,30x10,100x3-audio,30x10-audio' },
  },
});
/** Of the whole run; the children end with it. */
const DEADLINE_S = 290;
const SMALL_ROOM = 3;
const SMALL_ROOM_BPS = 1_000_000;
const LARGER_ROOM_BPS = 250_000;

function setupOf(rooms: number, members: number, isAudioOnly: boolean): Setup {
  const videoBps = members <= SMALL_ROOM ? SMALL_ROOM_BPS : LARGER_ROOM_BPS;
  return {
    conferences: rooms,
    receivers: members - 1,
    everyoneSends: true,
    videoBps: isAudioOnly ? 0 : videoBps,
    hasAudio: true,
    profile: 'AEAD_AES_128_GCM',
    offload: true,
  };
}

setTimeout(() => {
  console.error(`the benchmark took longer than ${DEADLINE_S} s`);
  process.exit(1);
}, DEADLINE_S * 1000).unref();
const log = (text: string) => {
  if (!values.json) console.log(text);
};
const names = values.cases.split(',');
const startMs = performance.now();
const cases = [];
for (const [i, name] of names.entries()) {
  const [, rooms, members, audio] = /^(\d+)x(\d+)(-audio)?$/.exec(name) ?? [];
  if (rooms === undefined || members === undefined) throw new Error(`no case: ${name}`);
  log(`${rooms} rooms of ${members}${audio === undefined ? '' : ', audio only'}`);
  const setup = setupOf(Number(rooms), Number(members), audio !== undefined);
  const endMs = startMs + (i + 1) * (((DEADLINE_S - 20) * 1000) / names.length) - 15_000;
  const contest = await startContest('bridge-process.ts', setup, log);
  const warmUpS = await contest.ours.warmUp(setup.conferences);
  const compared = await compare(
    contest,
    setup.conferences,
    Number(values.seconds),
    Number(values.rounds),
    endMs,
  );
  await Promise.all(contest.all.map((contestant) => contestant.stop()));
  cases.push({
    rooms: Number(rooms),
    members: Number(members),
    audioOnly: audio !== undefined,
    ...compared,
    ...packetCounts(contest),
    warmUpS,
  });
}
console.log(JSON.stringify({ ...peers, cases }));
