/**
 * Who may show a screen: not those whose login forbids it, and while screens are moderated only those whom a moderator
 * allowed. Sources say of themselves that they are a screen; who shows one as a camera is not found out.
 */
import type { StanzaError } from '@conclave/protocols/xmpp';
import type { AvModeration } from './av-moderation.ts';
import type { Participant } from './participant.ts';
import type { SourceChange } from './source-map.ts';

/** Why this participant may not show a screen; undefined when it may. */
export function refuseScreen(
  participant: Participant,
  moderation: AvModeration,
  mayShareScreen: (realJid: Participant['realJid']) => boolean,
): StanzaError | undefined {
  if (!mayShareScreen(participant.realJid)) {
    return { condition: 'forbidden', text: 'the login does not allow screen-sharing' };
  }
  if (moderation.mayUnmute(participant, 'desktop')) return undefined;
  return { condition: 'forbidden', text: 'a moderator must allow desktop first' };
}

export function hasScreen({ sources }: SourceChange): boolean {
  return sources.some(({ videoType }) => videoType === 'desktop');
}

export function withoutScreens({ sources, groups }: SourceChange): SourceChange {
  const screens = new Set<number>();
  for (const { ssrc, videoType } of sources) if (videoType === 'desktop') screens.add(ssrc);
  return {
    sources: sources.filter(({ ssrc }) => !screens.has(ssrc)),
    groups: groups.filter(({ ssrcs }) => !ssrcs.some((ssrc) => screens.has(ssrc))),
  };
}
