import { expect, test } from 'vitest';
import { loadFocusSession, saveFocusSession } from './focus-session.ts';

function memory(): Pick<Storage, 'getItem' | 'setItem'> {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
  };
}

test('a browser keeps its name, and the log-in until it is over', () => {
  const storage = memory();
  expect(loadFocusSession(storage, () => 'uid-1')).toEqual({ machineUid: 'uid-1' });
  saveFocusSession(storage, { machineUid: 'uid-1', sessionId: 's1' });
  expect(loadFocusSession(storage, () => 'uid-2')).toEqual({
    machineUid: 'uid-1',
    sessionId: 's1',
  });
  saveFocusSession(storage, { machineUid: 'uid-1' });
  expect(loadFocusSession(storage, () => 'uid-2')).toEqual({ machineUid: 'uid-1' });
});

test('without storage every visit is the first', () => {
  expect(loadFocusSession(undefined, () => 'uid')).toEqual({ machineUid: 'uid' });
  expect(() => saveFocusSession(undefined, { machineUid: 'uid', sessionId: 's' })).not.toThrow();
});
