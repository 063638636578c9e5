import { ManualClock, SeededRandom } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { RoomStage } from '../testing/room-stage.ts';

test('what moderators keep to themselves is read, and changed without losing what else is there', async () => {
  const stage = new RoomStage(new ManualClock(), new SeededRandom(1));
  await stage.join();
  const { metadata } = stage.conference.features;
  const news = (json: object) =>
    stage.receive(
      `<message xmlns="jabber:client" from="metadata.meet.jitsi"><json-message xmlns="http://jitsi.org/jitmeet">${JSON.stringify({ type: 'room_metadata', ...json }).replaceAll('"', '&quot;')}</json-message></message>`,
    );
  await news({ metadata: { permissions: { pollCreationRestricted: true, later: 1 } } });
  expect(metadata.permissions.get()).toEqual({
    groupChatRestricted: false,
    pollCreationRestricted: true,
  });
  metadata.setPermission('groupChatRestricted', true);
  expect(stage.sent().map((text) => text.replaceAll('&quot;', '"'))).toEqual([
    '<message xmlns="jabber:client" to="metadata.meet.jitsi"><room_metadata xmlns="http://jitsi.org/jitmeet" room="daily@muc.meet.jitsi">{"type":"room_metadata","key":"permissions","data":{"pollCreationRestricted":true,"later":1,"groupChatRestricted":true}}</room_metadata></message>',
  ]);
  await news({ metadata: { startMuted: { audio: true, video: 1 } } });
  expect(metadata.startMuted.get()).toEqual({ audio: true, video: false });
  metadata.setStartMuted('video', true);
  expect(stage.sent().join()).toContain(
    '{&quot;type&quot;:&quot;room_metadata&quot;,&quot;key&quot;:&quot;startMuted&quot;,&quot;data&quot;:{&quot;audio&quot;:true,&quot;video&quot;:true}}',
  );
  await news({ metadata: { permissions: { pollCreationRestricted: true } } });
  for (const json of [{ metadata: [] }, {}, { metadata: 1 }]) await news(json);
  expect(metadata.permissions.get().pollCreationRestricted).toBe(true);
  await news({ metadata: { permissions: 'all' } });
  expect(metadata.permissions.get().pollCreationRestricted).toBe(false);
});
