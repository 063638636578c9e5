import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StateFolder } from '@conclave/platform/storage';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SqliteRoomStore } from './sqlite-room-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conclave-rooms-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (maxRooms?: number) => new SqliteRoomStore(new StateFolder(folder), maxRooms);
const BARE = { hasLobby: false, moderators: [] };

test('a kept room is there again after a restart, with everything that was set', () => {
  const room = {
    password: "'; DROP TABLE room; --",
    hasLobby: true,
    subject: 'Größe “x”',
    moderators: ['account:ada', 'token:u-2'],
    maxOccupants: 12,
  };
  const first = open();
  expect(first.save('daily@muc.x', room)).toBe(true);
  expect(first.save('other@muc.x', BARE)).toBe(true);
  first.close();
  const second = open();
  expect(second.find('daily@muc.x')).toEqual(room);
  expect(second.list()).toEqual(['daily@muc.x', 'other@muc.x']);
  second.close();
});

test('what is saved again replaces what was, and what is removed is gone', () => {
  const store = open();
  store.save('daily@muc.x', { ...BARE, password: 'x', subject: 'y', maxOccupants: 3 });
  store.save('daily@muc.x', BARE);
  expect(store.find('daily@muc.x')).toEqual(BARE);
  expect(store.remove('daily@muc.x')).toBe(true);
  expect(store.remove('daily@muc.x')).toBe(false);
  expect(store.find('daily@muc.x')).toBeUndefined();
  store.close();
});

test('there is a limit, at which known rooms can still be changed', () => {
  const store = open(1);
  expect(store.save('a@muc.x', BARE)).toBe(true);
  expect(store.save('b@muc.x', BARE)).toBe(false);
  expect(store.save('a@muc.x', { ...BARE, subject: 'new' })).toBe(true);
  store.close();
});
