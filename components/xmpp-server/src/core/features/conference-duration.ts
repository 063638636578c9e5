/**
 * Since when the meeting lasts, for clients before 2024 (COMPAT: Jitsi's `conference_duration`); later ones read it
 * from the room's disco#info (`muc#roominfo_created_timestamp`).
 */
import { FeatureComponent, type FeatureContext } from './feature-component.ts';

export function addConferenceDuration(context: FeatureContext): void {
  const component = new FeatureComponent(context, {
    label: 'conferenceduration',
    type: 'conference_duration',
  });
  for (const { hooks } of context.conferences) {
    hooks.occupantJoined.add(630, ({ room, occupant }) => {
      if (occupant.recipient.isComponent) return undefined;
      const news = { type: 'conference_duration', created_timestamp: room.createdWallMs };
      occupant.recipient.deliver(component.news(news));
      return undefined;
    });
  }
}
