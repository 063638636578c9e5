/** What a moderator may do with somebody in the room: which commands stand in their menu. */
import type { AvModerationState, BreakoutRoom, ModeratedMedium, Participant } from '@conclave/sdk';

export type PersonAction =
  | { readonly type: 'mute'; readonly medium: ModeratedMedium }
  /** Lets them unmute; while nothing is moderated, asks them to. */
  | { readonly type: 'allow'; readonly medium: 'audio' | 'video' }
  | { readonly type: 'askToUnmute'; readonly medium: 'audio' }
  | { readonly type: 'disallow'; readonly medium: 'audio' | 'video' }
  | { readonly type: 'sendTo'; readonly room: BreakoutRoom }
  | { readonly type: 'grantModerator' }
  /** From now on they look on. */
  | { readonly type: 'demote' }
  | { readonly type: 'kick' }
  /** Everybody may. */
  | { readonly type: 'privateMessage' };

export function personActions(
  person: Participant,
  self: Participant,
  moderation: AvModerationState,
  otherRooms: readonly BreakoutRoom[] = [],
  hasVisitors = false,
): PersonAction[] {
  const actions: PersonAction[] = [{ type: 'privateMessage' }];
  if (!self.isModerator) return actions;
  if (!person.audioMuted) actions.push({ type: 'mute', medium: 'audio' });
  else if (!moderation.audio.isOn) actions.push({ type: 'askToUnmute', medium: 'audio' });
  if (!person.videoMuted) actions.push({ type: 'mute', medium: 'video' });
  if (sharesScreen(person)) actions.push({ type: 'mute', medium: 'desktop' });
  for (const medium of ['audio', 'video'] as const) {
    if (!moderation[medium].isOn || person.isModerator) continue;
    const isAllowed = moderation[medium].allowedIds.has(person.id);
    actions.push({ type: isAllowed ? 'disallow' : 'allow', medium });
  }
  if (!person.isModerator && person.jid !== undefined) actions.push({ type: 'grantModerator' });
  if (person.jid !== undefined) {
    actions.push(...otherRooms.map((room) => ({ type: 'sendTo', room }) as const));
  }
  if (hasVisitors && !person.isModerator) actions.push({ type: 'demote' });
  actions.push({ type: 'kick' });
  return actions;
}

export function sharesScreen({ sources }: Participant): boolean {
  return sources.some(({ videoType, muted }) => videoType === 'desktop' && !muted);
}

/** Raised hands first, in the order in which they went up; then in order of arrival. */
export function inTurn(people: readonly Participant[]): Participant[] {
  const hands = people.filter(({ raisedHand }) => raisedHand);
  hands.sort((a, b) => a.handRaisedMs - b.handRaisedMs);
  return [...hands, ...people.filter(({ raisedHand }) => !raisedHand)];
}
