import { describe, expect, test } from 'vitest';
import { identityFromClaims } from './token-identity.ts';

describe('identityFromClaims', () => {
  test("reads what Jitsi's tokens carry", () => {
    const claims = {
      context: {
        user: {
          avatar: 'https://example.org/a.png',
          name: 'John Doe',
          email: 'jdoe@example.com',
          id: 'abcd:a1b2c3',
          'hidden-from-recorder': 'true',
          moderator: 'true',
        },
        group: 'a123',
        features: { recording: 'true', livestreaming: false, flip: true, other: 'yes' },
      },
    };
    expect(identityFromClaims(claims)).toEqual({
      user: {
        id: 'abcd:a1b2c3',
        name: 'John Doe',
        email: 'jdoe@example.com',
        avatar: 'https://example.org/a.png',
        hiddenFromRecorder: true,
      },
      group: 'a123',
      isModerator: true,
      features: { recording: true, livestreaming: false, flip: true, other: false },
    });
  });

  test.each([
    [{ affiliation: 'owner' }, true],
    [{ affiliation: 'teacher' }, true],
    [{ affiliation: 'member' }, false],
    [{ moderator: true }, true],
    [{ moderator: false }, false],
    [{ moderator: 1 }, false],
    [{ name: 'Ada' }, undefined],
  ])('%j leads: %s', (user, isModerator) => {
    expect(identityFromClaims({ context: { user } }).isModerator).toBe(isModerator);
  });

  test('reads how the room is to be', () => {
    const user = { moderator: true, lobby_bypass: 'true' };
    const room = { lobby: true, password: 'sesame', max_occupants: 12 };
    expect(identityFromClaims({ context: { user, room } })).toMatchObject({
      roomSettings: { hasLobby: true, password: 'sesame', maxOccupants: 12 },
      passesLobbies: true,
    });
    for (const wrong of [{ lobby: 1, password: 5, max_occupants: 0 }, { regex: true }, 'x', null]) {
      expect(identityFromClaims({ context: { room: wrong } })).not.toHaveProperty('roomSettings');
    }
  });

  test('without a context user_id is the id', () => {
    expect(identityFromClaims({ user_id: 42 }).user).toEqual({ id: '42' });
    expect(identityFromClaims({ user_id: 42, context: {} }).user).toBeUndefined();
  });

  test.each([
    [{ context: null }],
    [{ context: [] }],
    [{ context: { user: 'Ada', group: {}, features: [true] } }],
    [{ context: { user: { name: {}, email: [], avatar: 'javascript:alert(1)', id: true } } }],
  ])('%j says nothing', (claims) => {
    expect(identityFromClaims(claims)).toMatchObject({ features: undefined });
    expect(identityFromClaims(claims).user).toBeUndefined();
    expect(identityFromClaims(claims).group).toBeUndefined();
  });

  test('texts are cut and hold nothing that XML cannot', () => {
    const name = `${'\u0000\ud800\uffff'}${'x'.repeat(300)}`;
    expect(identityFromClaims({ context: { user: { name } } }).user?.name).toBe('x'.repeat(256));
    const features = Object.fromEntries(
      Array.from({ length: 100 }, (_, i) => [`f${i}`, true] as const),
    );
    expect(Object.keys(identityFromClaims({ context: { features } }).features ?? {})).toHaveLength(
      64,
    );
  });
});
