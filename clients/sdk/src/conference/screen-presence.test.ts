/** What the room is told of our screen: Jitsi's clients with rewritten SSRCs know from nothing else that it is gone. */
import { ManualClock, SeededRandom } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { OWN_ID, RoomStage } from '../testing/room-stage.ts';
import { settled } from '../testing/settled.ts';

test('a screen appears in presence when it is first shared, and is muted when it is not', async () => {
  const stage = new RoomStage(new ManualClock(), new SeededRandom(1));
  await stage.join();
  const sources = () => {
    const presence = stage.sent().findLast((text) => text.includes('<SourceInfo')) ?? '';
    const json = /<SourceInfo[^>]*>(.*)<\/SourceInfo>/.exec(presence)?.[1] ?? '{}';
    return JSON.parse(json.replaceAll('&quot;', '"'))[`${OWN_ID}-v1`];
  };
  stage.conference.setDisplayName('Ada L.');
  expect(sources()).toBeUndefined();
  await stage.screen.share();
  await settled();
  expect(sources()).toEqual({ muted: false, videoType: 'desktop' });
  stage.screen.stop();
  await settled();
  expect(sources()).toEqual({ muted: true, videoType: 'desktop' });
});
