import { ManualClock, SeededRandom } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { RoomStage, SELF } from '../testing/room-stage.ts';

const said = (entries: string) =>
  SELF.replace(
    '</presence>',
    `<permissions xmlns="http://jitsi.org/jitmeet">${entries}</permissions></presence>`,
  );

test('what the login allows is read from our own presence, and the last one counts', async () => {
  const stage = new RoomStage(new ManualClock(), new SeededRandom(1));
  const { permissions } = stage.conference;
  await stage.join();
  expect(permissions.get().size).toBe(0);
  await stage.receive(
    said(
      '<p name="screen-sharing" val="false"/><p name="create-polls" val="true"/><p val="true"/>',
    ),
  );
  expect([...permissions.get()]).toEqual([
    ['screen-sharing', false],
    ['create-polls', true],
  ]);
  await stage.receive(SELF);
  expect(permissions.get().size).toBe(0);
  const many = Array.from({ length: 200 }, (_, index) => `<p name="p${index}" val="true"/>`);
  await stage.receive(said(many.join('')));
  expect(permissions.get().size).toBe(100);
});
