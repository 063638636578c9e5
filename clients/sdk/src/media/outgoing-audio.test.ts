import { beforeEach, expect, test, vi } from 'vitest';
import { Store } from '../store.ts';
import type { LocalTrackState } from './local-media.ts';
import { type AudioMix, OutgoingAudio } from './outgoing-audio.ts';

const named = (id: string) => ({ id }) as MediaStreamTrack;
const microphone = named('microphone');
const music = named('music');

const state = (track: MediaStreamTrack | undefined, muted = false): LocalTrackState => ({
  muted,
  track,
  pending: false,
  error: undefined,
});

let audio: Store<LocalTrackState>;
let sound: Store<MediaStreamTrack | undefined>;
let mixes: { readonly of: readonly string[]; readonly closed: () => boolean }[];
let outgoing: OutgoingAudio;
beforeEach(() => {
  audio = new Store(state(microphone));
  sound = new Store<MediaStreamTrack | undefined>(undefined);
  mixes = [];
  outgoing = new OutgoingAudio({ audio }, { sound }, (tracks): AudioMix => {
    const close = vi.fn();
    mixes.push({ of: tracks.map(({ id }) => id), closed: () => close.mock.calls.length > 0 });
    return { track: named(`mix ${mixes.length}`), close };
  });
});
const sent = () => outgoing.track.get()?.id;

test('without a shared sound it is the microphone itself', () => {
  expect(sent()).toBe('microphone');
  audio.set(state(undefined, true));
  expect([sent(), mixes]).toEqual([undefined, []]);
});

test('the sound of the screen is mixed in while it lasts', () => {
  sound.set(music);
  expect(sent()).toBe('mix 1');
  expect(mixes[0]?.of).toEqual(['microphone', 'music']);
  sound.set(undefined);
  expect([sent(), mixes[0]?.closed()]).toEqual(['microphone', true]);
});

test('muting changes nothing about the mix; another microphone does', () => {
  sound.set(music);
  audio.set(state(microphone, true));
  expect(mixes).toHaveLength(1);
  audio.set(state(named('other')));
  expect(mixes.map(({ of, closed }) => [of, closed()])).toEqual([
    [['microphone', 'music'], true],
    [['other', 'music'], false],
  ]);
});

test('who never opened a microphone shares the sound alone', () => {
  audio.set(state(undefined, true));
  sound.set(music);
  expect(mixes[0]?.of).toEqual(['music']);
});

test('nothing plays after the end', () => {
  sound.set(music);
  outgoing.close();
  sound.set(named('more'));
  expect(mixes.map(({ closed }) => closed())).toEqual([true]);
});
