import { SeededRandom } from '@conclave/testkit';
import { describe, expect, test } from 'vitest';
import {
  isValidRoomName,
  roomFromPath,
  roomPath,
  suggestRoomName,
  tenantFromPath,
} from './room-names.ts';

describe('suggestRoomName', () => {
  test('gives three words and a suffix that can be said and typed, hardly ever the same', () => {
    const random = new SeededRandom(1);
    const names = Array.from({ length: 200 }, () => suggestRoomName(random));
    for (const name of names) {
      expect(name).toMatch(/^[a-z]+-[a-z]+-[a-z]+-[a-hjkmnp-z2-9]{6}$/);
      expect(isValidRoomName(name)).toBe(true);
    }
    expect(new Set(names).size).toBe(200);
  });
});

describe('room names', () => {
  test.each([...'?&:\'"%#./\\'])('may not hold %j', (character) => {
    expect(isValidRoomName(`a${character}b`)).toBe(false);
  });

  test.each(['', 'daily', 'Team Meeting', 'büro', '会议室', 'a'.repeat(200)])(
    'may be %j',
    (name) => {
      expect(isValidRoomName(name)).toBe(true);
    },
  );

  test('may not be longer than 200 characters', () => {
    expect(isValidRoomName('a'.repeat(201))).toBe(false);
  });
});

describe('addresses', () => {
  test.each([
    ['daily', '/daily'],
    [' Team  Meeting ', '/Team-Meeting'],
    ['büro', '/b%C3%BCro'],
    ['acme/daily', '/acme/daily'],
  ])('the path of %j is %j', (name, path) => {
    expect(roomPath(name)).toBe(path);
  });

  test.each([
    ['/', undefined],
    ['', undefined],
    ['/daily', 'daily'],
    ['/tenant/daily', 'daily'],
    ['/daily/', 'daily'],
    ['/b%C3%BCro', 'büro'],
    ['/bad%ZZ', 'bad%ZZ'],
  ])('the room at %j is %j', (path, room) => {
    expect(roomFromPath(path)).toBe(room);
  });

  test.each([
    ['/', ''],
    ['/daily', ''],
    ['/acme/daily', 'acme'],
    ['/B%C3%BCro/daily', 'Büro'],
  ])('the tenant at %j is %j', (path, tenant) => {
    expect(tenantFromPath(path)).toBe(tenant);
  });
});
