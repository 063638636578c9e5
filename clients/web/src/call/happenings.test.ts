import { expect, test } from 'vitest';
import { type Happening, type HappeningType, withHappening } from './happenings.ts';

function after(...happened: readonly (readonly [HappeningType, string])[]): readonly Happening[] {
  return happened.reduce<readonly Happening[]>(
    (shown, [type, name], id) => withHappening(shown, { type, name, id, text: '' }),
    [],
  );
}

test('who comes at the same time is said in one line, with the last name', () => {
  expect(after(['joined', 'Ada'], ['joined', 'Ben'], ['joined', 'Cy'])).toEqual([
    { id: 2, type: 'joined', name: 'Cy', others: 2, text: '' },
  ]);
});

test('different things have lines of their own, the newest last', () => {
  const shown = after(['joined', 'Ada'], ['hand', 'Ben'], ['left', 'Cy'], ['joined', 'Dee']);
  expect(shown.map(({ type, name, others }) => [type, name, others])).toEqual([
    ['hand', 'Ben', 0],
    ['left', 'Cy', 0],
    ['joined', 'Dee', 1],
  ]);
});

test('of messages the last one is shown', () => {
  const messages = ['hello', 'are you there?'].map((text, id) => {
    return { id, type: 'message', name: 'Ada', text } as const;
  });
  const shown = messages.reduce<readonly Happening[]>(withHappening, []);
  expect(shown).toMatchObject([{ name: 'Ada', text: 'are you there?' }]);
});
