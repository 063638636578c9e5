import { type Conference, LocalMedia, LocalScreen, Store } from '@conclave/sdk';
import { describe, expect, test } from 'vitest';
import { strings } from '../strings/strings.ts';
import { CallActions } from './call-actions.ts';

interface Circumstances {
  readonly mayUnmute?: boolean;
  readonly isVisitor?: boolean;
  readonly mayShareScreen?: boolean;
}

function stage({ mayUnmute = true, isVisitor = false, mayShareScreen = true }: Circumstances) {
  // Without devices: what is wished is kept, and nothing is opened.
  const media = new LocalMedia(
    { getUserMedia: () => new Promise(() => {}) },
    { audioMuted: true, videoMuted: true },
  );
  let asked = 0;
  const screen = new LocalScreen({
    getDisplayMedia: async () => {
      asked++;
      throw new DOMException('', 'NotAllowedError');
    },
  });
  const conference = {
    self: new Store({ id: 'me', raisedHand: false, isVisitor }),
    permissions: new Store(new Map([['screen-sharing', mayShareScreen]])),
    mayUnmute: () => mayUnmute,
  };
  const actions = new CallActions(conference as unknown as Conference, media, screen);
  const isMuted = () => media.audio.get().muted;
  const notices = () => actions.notices.all.get().map(({ text }) => text);
  return { actions, isMuted, notices, askedForScreen: () => asked };
}

describe('speaking while a key is held', () => {
  test('ends with the key', () => {
    const { actions, isMuted } = stage({});
    actions.startTalking();
    expect(isMuted()).toBe(false);
    actions.stopTalking();
    expect(isMuted()).toBe(true);
  });

  test('goes on for who presses the button meanwhile, or was heard before', () => {
    const { actions, isMuted } = stage({});
    actions.startTalking();
    actions.toggle('audio');
    actions.toggle('audio');
    actions.stopTalking();
    expect(isMuted()).toBe(false);
    actions.startTalking();
    actions.stopTalking();
    expect(isMuted()).toBe(false);
  });

  test.each([
    ['a moderator must allow it', { mayUnmute: false }, [strings.call.notAllowed.audio]],
    ['one only looks on', { isVisitor: true }, []],
  ])('does nothing where %s', (_, circumstances, said) => {
    const { actions, isMuted, notices } = stage(circumstances);
    actions.startTalking();
    expect(isMuted()).toBe(true);
    expect(notices()).toEqual(said);
  });
});

test.each([
  [true, [strings.call.mutedTalk]],
  // Who may not unmute knows why it is silent.
  [false, []],
])('who may unmute: %j, and speaks in vain, is told %j', (mayUnmute, said) => {
  const { actions, notices } = stage({ mayUnmute });
  actions.handleMutedTalk();
  expect(notices()).toEqual(said);
});

test('what the log-in forbids is said and not tried', async () => {
  const free = stage({});
  await free.actions.toggleScreen();
  expect([free.askedForScreen(), free.notices()]).toEqual([1, []]);
  const bound = stage({ mayShareScreen: false });
  await bound.actions.toggleScreen();
  expect([bound.askedForScreen(), bound.notices()]).toEqual([0, [strings.call.screenForbidden]]);
});
