/** SSRC rewriting, as the client sees it: the focus tells of no sources, the bridge of SSRCs whose owners change. */
import { ManualClock, SeededRandom } from '@conclave/testkit';
import { parse } from 'sdp-transform';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { gone, initiate, occupant, RoomStage } from '../testing/room-stage.ts';
import { settled } from '../testing/settled.ts';

let stage: RoomStage;

beforeEach(async () => {
  vi.stubGlobal(
    'MediaStream',
    class {
      readonly #tracks: readonly unknown[];
      constructor(tracks: readonly unknown[]) {
        this.#tracks = tracks;
      }
      getTracks(): readonly unknown[] {
        return this.#tracks;
      }
    },
  );
  stage = new RoomStage(new ManualClock(), new SeededRandom(1));
  await stage.join(occupant('b0000000'), occupant('c0000000'));
  await stage.receive(initiate('s1', []));
  await stage.answer('session-accept');
  stage.channel.events.onOpen();
});

afterEach(() => vi.unstubAllGlobals());

const audio = (source: string, ssrc: number) => ({ source, owner: source.split('-')[0], ssrc });
const video = (source: string, ssrc: number, videoType = 'CAMERA') => ({
  ...audio(source, ssrc),
  rtx: ssrc + 1,
  videoType,
});

async function say(colibriClass: string, ...mappedSources: object[]): Promise<void> {
  stage.channel.receive(JSON.stringify({ colibriClass, mappedSources }));
  await settled();
}

const tracks = () => stage.conference.media.remoteTracks.get();
const names = () => tracks().map(({ sourceName }) => sourceName);
const negotiations = () => stage.peerConnection.remoteDescriptions.length;
const lines = () => parse(stage.peerConnection.remoteDescriptions.at(-1) ?? '').media;

test('each SSRC that the bridge names gets a line, all of a message in one negotiation', async () => {
  const before = negotiations();
  await say('AudioSourcesMap', audio('b0000000-a0', 100), audio('c0000000-a0', 101));
  await say('VideoSourcesMap', video('b0000000-v0', 200), video('b0000000-v1', 202, 'DESKTOP'));
  expect(negotiations()).toBe(before + 2);
  expect(names()).toEqual(['b0000000-a0', 'c0000000-a0', 'b0000000-v0', 'b0000000-v1']);
  expect(tracks().at(-1)).toMatchObject({ owner: 'b0000000', videoType: 'desktop' });
  const [screen] = lines().slice(-1);
  expect(screen?.ssrcGroups).toEqual([{ semantics: 'FID', ssrcs: '202 203' }]);
  expect(screen?.direction).toBe('sendonly');
});

test('an SSRC that changes hands costs no negotiation, and its sound goes on in the same stream', async () => {
  await say('AudioSourcesMap', audio('b0000000-a0', 100));
  await say('VideoSourcesMap', video('b0000000-v0', 200));
  const [voice] = tracks();
  const before = negotiations();
  await say('AudioSourcesMap', audio('c0000000-a0', 100));
  await say('VideoSourcesMap', video('c0000000-v0', 200));
  expect(negotiations()).toBe(before);
  expect(names()).toEqual(['c0000000-a0', 'c0000000-v0']);
  expect(tracks()[0]?.owner).toBe('c0000000');
  expect(tracks()[0]?.stream).toBe(voice?.stream);
});

test("in Firefox no line is the only one of its type, lest it takes what is another line's", async () => {
  stage = new RoomStage(new ManualClock(), new SeededRandom(1), 'Firefox/140.0');
  await stage.join(occupant('b0000000'));
  await stage.receive(initiate('s1', []));
  await stage.answer('session-accept');
  stage.channel.events.onOpen();
  const receiving = () => lines().filter(({ direction }) => direction?.startsWith('send'));
  const types = receiving().map(({ type }) => type);
  expect(types.toSorted()).toEqual(['audio', 'audio', 'video', 'video']);
  expect(tracks()).toEqual([]);
  await say('VideoSourcesMap', video('b0000000-v0', 200));
  expect(names()).toEqual(['b0000000-v0']);
});

test('what is said again changes nothing', async () => {
  await say('VideoSourcesMap', video('b0000000-v0', 200));
  const before = { tracks: tracks(), negotiations: negotiations() };
  await say('VideoSourcesMap', video('b0000000-v0', 200));
  expect(tracks()).toBe(before.tracks);
  expect(negotiations()).toBe(before.negotiations);
});

test('a source that moves to another SSRC is there once', async () => {
  await say('VideoSourcesMap', video('b0000000-v0', 200), video('c0000000-v0', 202));
  await say('VideoSourcesMap', video('b0000000-v0', 202));
  expect(names()).toEqual(['b0000000-v0']);
});

test('who leaves is gone at once; the line waits for the next', async () => {
  await say('VideoSourcesMap', video('b0000000-v0', 200));
  const before = negotiations();
  await stage.receive(gone('b0000000'));
  expect(names()).toEqual([]);
  expect(lines().at(-1)?.direction).toBe('sendonly');
  await say('VideoSourcesMap', video('c0000000-v0', 200));
  expect(names()).toEqual(['c0000000-v0']);
  expect(negotiations()).toBe(before);
});

test('a thousand people on two SSRCs are four lines', async () => {
  for (let i = 0; i < 1000; i++) {
    const id = `p${String(i).padStart(7, '0')}`;
    await say('AudioSourcesMap', audio(`${id}-a0`, 100));
    await say('VideoSourcesMap', video(`${id}-v0`, 200));
  }
  expect(lines()).toHaveLength(4);
  expect(names()).toEqual(['p0000999-a0', 'p0000999-v0']);
  expect(negotiations()).toBeLessThan(5);
});
