import { expect, test, vi } from 'vitest';
import { Reactions } from './reactions.ts';

test('goes to everybody, and is shown to ourselves as well', () => {
  const send = vi.fn();
  const shown = vi.fn();
  const reactions = new Reactions({ ownId: 'a', send, wallMs: () => 5 });
  reactions.on('reaction', shown);
  reactions.react('clap');
  expect(send).toHaveBeenCalledExactlyOnceWith({
    name: 'endpoint-reaction',
    reactions: ['clap'],
    timestamp: 5,
  });
  expect(shown).toHaveBeenCalledExactlyOnceWith('a', 'clap');
});

test.each([
  [{ name: 'endpoint-reaction', reactions: ['like', 'laugh'] }, ['laugh']],
  [{ name: 'endpoint-reaction', reactions: ['like', 'toString'] }, []],
  [{ name: 'endpoint-reaction', reactions: [7] }, []],
  [{ name: 'endpoint-reaction', reactions: [] }, []],
  [{ name: 'endpoint-reaction', reactions: 'like' }, []],
  [{ name: 'stats', reactions: ['like'] }, []],
])('understands %j', (payload, expected) => {
  const reactions = new Reactions({ ownId: 'a', send() {}, wallMs: () => 0 });
  const shown: string[] = [];
  reactions.on('reaction', (_, reaction) => shown.push(reaction));
  reactions.handleMessage('b', payload);
  expect(shown).toEqual(expected);
});
