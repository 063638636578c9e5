import { describe, expect, test } from 'vitest';
import { beginsToTalk, type KeyPress, shortcutFor } from './shortcuts.ts';

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
    ['w', 'view'],
    ['f', 'fullScreen'],
    ['i', 'smallWindow'],
    ['?', 'keys'],
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

describe('beginsToTalk', () => {
  const focus = (tagName: string, isInDialog = false) => ({
    tagName,
    isContentEditable: false,
    isInDialog,
  });
  test.each([
    ['nothing has the focus', press(' '), body, true],
    ['it is not known what has it', press(' '), undefined, true],
    ['the key is still held', press(' ', { repeat: true }), body, false],
    ['another key', press('m'), body, false],
    ['with Ctrl', press(' ', { ctrlKey: true }), body, false],
    ['a button is pressed by it', press(' '), focus('BUTTON'), false],
    ['a list is scrolled by it', press(' '), focus('DIV'), false],
    ['it is written', press(' '), focus('TEXTAREA'), false],
    ['in a dialogue', press(' '), focus('BODY', true), false],
  ])('%s', (_, key, focused, expected) => {
    expect(beginsToTalk(key, focused)).toBe(expected);
  });
});
