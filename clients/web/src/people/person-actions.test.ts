import type { AvModerationState, Participant } from '@conclave/sdk';
import { describe, expect, test } from 'vitest';
import { inTurn, personActions } from './person-actions.ts';

const person = (more: Partial<Participant> = {}): Participant => ({
  id: 'b',
  jid: 'b@meet.jitsi/r',
  displayName: 'Ben',
  isModerator: false,
  isVisitor: false,
  sources: [],
  audioMuted: true,
  videoMuted: true,
  raisedHand: false,
  handRaisedMs: 0,
  ...more,
});
const OFF = { isOn: false, isApproved: false, allowedIds: new Set<string>() };
const OPEN: AvModerationState = { audio: OFF, video: OFF, desktop: OFF };
const moderator = person({ id: 'a', isModerator: true });
const screen = { name: 'b-v1', type: 'video', muted: false, videoType: 'desktop' } as const;

function names(who: Participant, self = moderator, moderation = OPEN): string[] {
  return personActions(who, self, moderation).map((action) =>
    'medium' in action ? `${action.type} ${action.medium}` : action.type,
  );
}

describe('personActions', () => {
  test('people without the role may only write', () => {
    expect(names(person({ audioMuted: false }), person({ id: 'c' }))).toEqual(['privateMessage']);
  });

  test.each([
    ['who is silent is asked', person(), ['askToUnmute audio', 'grantModerator', 'kick']],
    [
      'who sends can be silenced, medium by medium',
      person({ audioMuted: false, videoMuted: false, sources: [screen] }),
      ['mute audio', 'mute video', 'mute desktop', 'grantModerator', 'kick'],
    ],
    [
      'a moderator is not made one again',
      person({ isModerator: true }),
      ['askToUnmute audio', 'kick'],
    ],
    [
      'without an address nobody can be made moderator',
      person({ jid: undefined }),
      ['askToUnmute audio', 'kick'],
    ],
  ])('%s', (_, who, expected) => {
    expect(names(who)).toEqual(['privateMessage', ...expected]);
  });

  test('while microphones are moderated they are allowed, or no longer', () => {
    const moderated = (ids: string[]) => ({
      ...OPEN,
      audio: { ...OFF, isOn: true, allowedIds: new Set(ids) },
    });
    expect(names(person(), moderator, moderated([]))).toContain('allow audio');
    expect(names(person(), moderator, moderated(['b']))).toContain('disallow audio');
    expect(names(person(), moderator, moderated([]))).not.toContain('askToUnmute audio');
    expect(names(person({ isModerator: true }), moderator, moderated([]))).not.toContain(
      'allow audio',
    );
  });
});

test('hands are called in the order in which they went up', () => {
  const hand = (id: string, handRaisedMs: number) => person({ id, raisedHand: true, handRaisedMs });
  const people = [person({ id: '1' }), hand('2', 20), person({ id: '3' }), hand('4', 10)];
  expect(inTurn(people).map(({ id }) => id)).toEqual(['4', '2', '1', '3']);
});
