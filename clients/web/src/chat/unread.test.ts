import type { ChatEntry } from '@conclave/sdk';
import { describe, expect, test } from 'vitest';
import { unreadCount } from './unread.ts';

function message(id: string, own = false): ChatEntry {
  return {
    type: 'message',
    id,
    own,
    fromId: 'x',
    fromName: 'X',
    toName: '',
    text: id,
    privateWith: undefined,
    timeMs: 0,
  };
}

describe('unreadCount', () => {
  test.each<[string, ChatEntry[], string | undefined, number]>([
    ['nothing', [], undefined, 0],
    ['all when none was seen', [message('a'), message('b')], undefined, 2],
    ['those after the one that was seen', [message('a'), message('b'), message('c')], 'a', 2],
    ['none when the newest was seen', [message('a'), message('b')], 'b', 0],
    ['not our own', [message('a'), message('b', true)], undefined, 1],
    [
      'no comings and goings',
      [{ type: 'joined', id: 'j', name: 'X', timeMs: 0 }, message('a')],
      undefined,
      1,
    ],
    ['all when the one that was seen was dropped', [message('b')], 'a', 1],
  ])('counts %s', (_, entries, seenId, expected) => {
    expect(unreadCount(entries, seenId)).toBe(expected);
  });
});
