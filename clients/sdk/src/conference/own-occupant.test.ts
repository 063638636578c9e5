import { ManualClock } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { LocalMedia } from '../media/local-media.ts';
import { LocalScreen } from '../media/local-screen.ts';
import { OwnOccupant } from './own-occupant.ts';

const context = {
  roomJid: 'daily@muc.meet.jitsi',
  ownId: 'me',
  send: () => {},
  request: () => Promise.reject(new Error('not asked')),
};

test.each([
  [{ audio: true, video: true }, ['audio']],
  [{ audio: false, video: true }, []],
  [{ audio: true, video: false }, ['audio']],
])('a room that wants %j mutes what is on, and says what that was: %j', (wish, muted) => {
  const localMedia = new LocalMedia(undefined, { audioMuted: false, videoMuted: true });
  const devices = {
    clock: new ManualClock(),
    localMedia,
    screen: new LocalScreen(undefined),
  };
  const own = new OwnOccupant(context, 'me@meet.jitsi/r', devices, {
    displayName: 'Ada',
    videoCodecs: ['vp8'],
  });
  expect(own.startMuted(wish)).toEqual(muted);
  expect(localMedia.audio.get().muted).toBe(wish.audio);
  expect(localMedia.video.get().muted).toBe(true);
});
