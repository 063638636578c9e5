import { describe, expect, test } from 'vitest';
import {
  IceControlled,
  IceControlling,
  parseStunMessage,
  type StunMessage,
  StunWriter,
} from '../stun/index.ts';
import type { IceRole } from './contract.ts';
import { RoleState } from './role-state.ts';

/** Gives tie-breakers 80 00 …, then 81 00 …, and so on. */
function roleState(role: IceRole): RoleState {
  let first = 0x80;
  return new RoleState(role, {
    bytes: (length) => Uint8Array.from({ length }, (_, i) => (i === 0 ? first++ : 0)),
  });
}

function request(role: IceRole, firstByte: number, lastByte = 0): StunMessage {
  const tieBreaker = Uint8Array.of(firstByte, 0, 0, 0, 0, 0, 0, lastByte);
  const attribute = role === 'controlling' ? IceControlling : IceControlled;
  const bytes = new StunWriter('request', 1, new Uint8Array(12))
    .add(attribute, tieBreaker)
    .finish();
  const message = parseStunMessage(bytes);
  if (message === undefined) throw new Error('does not parse');
  return message;
}

describe('a request in our own role (RFC 8445 §7.3.1.1)', () => {
  test.each<[IceRole, number, number, boolean, IceRole]>([
    ['controlling', 0x7f, 0xff, false, 'controlling'],
    ['controlling', 0x80, 0, false, 'controlling'], // equal: ours counts as larger
    ['controlling', 0x80, 1, true, 'controlled'],
    ['controlling', 0xff, 0, true, 'controlled'],
    ['controlled', 0x7f, 0xff, true, 'controlling'],
    ['controlled', 0x80, 0, true, 'controlling'],
    ['controlled', 0x80, 1, false, 'controlled'],
    ['controlled', 0xff, 0, false, 'controlled'],
  ])('%s against %i…%i: settled %s, then %s', (role, first, last, isSettled, after) => {
    const state = roleState(role);
    expect(state.settle(request(role, first, last))).toBe(isSettled);
    expect(state.role).toBe(after);
    expect(state.conflicts).toBe(1);
  });

  test('one in the other role is no conflict', () => {
    const state = roleState('controlling');
    expect(state.settle(request('controlled', 0xff))).toBe(true);
    expect(state.role).toBe('controlling');
    expect(state.conflicts).toBe(0);
  });
});

describe('told 487 (RFC 8445 §7.2.5.1)', () => {
  test('gives in with a new tie-breaker', () => {
    const state = roleState('controlling');
    expect(state.tieBreaker[0]).toBe(0x80);
    state.handleConflict('controlling');
    expect(state.role).toBe('controlled');
    expect(state.tieBreaker[0]).toBe(0x81);
  });

  test('gives in once for several checks of the same role', () => {
    const state = roleState('controlling');
    state.handleConflict('controlling');
    state.handleConflict('controlling');
    expect(state.role).toBe('controlled');
    expect(state.tieBreaker[0]).toBe(0x81);
    expect(state.conflicts).toBe(2);
  });
});
