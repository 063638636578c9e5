import { describe, expect, test } from 'vitest';
import { type KeyPress, shortcutFor } from './shortcuts.ts';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  repeat: false,
  ...more,
});
const body = { tagName: 'BODY', isContentEditable: false, isInDialog: false };

describe('shortcutFor', () => {
  test.each([
    ['m', 'microphone'],
    ['M', 'microphone'],
    ['v', 'camera'],
    ['s', 'screen'],
    ['c', 'chat'],
    ['p', 'people'],
    ['r', 'hand'],
    ['x', undefined],
    ['constructor', undefined],
    ['toString', undefined],
  ])('%j is %j', (key, expected) => {
    expect(shortcutFor(press(key), body)).toBe(expected);
  });

  test.each([
    ['Ctrl', { ctrlKey: true }],
    ['Cmd', { metaKey: true }],
    ['Alt', { altKey: true }],
    ['a held key', { repeat: true }],
  ])('nothing with %s', (_, more) => {
    expect(shortcutFor(press('c', more), body)).toBeUndefined();
  });

  test.each(['INPUT', 'TEXTAREA', 'SELECT'])('nothing while typing in %s', (tagName) => {
    expect(
      shortcutFor(press('m'), { tagName, isContentEditable: false, isInDialog: false }),
    ).toBeUndefined();
  });

  test('nothing in editable text, but on a focused button', () => {
    expect(
      shortcutFor(press('m'), { tagName: 'DIV', isContentEditable: true, isInDialog: false }),
    ).toBeUndefined();
    expect(
      shortcutFor(press('m'), { tagName: 'BUTTON', isContentEditable: false, isInDialog: false }),
    ).toBe('microphone');
    expect(shortcutFor(press('m'), undefined)).toBe('microphone');
  });
});
