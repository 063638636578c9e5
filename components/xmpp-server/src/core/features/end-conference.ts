/** "End the meeting for all" (COMPAT: Jitsi's `end_conference`): a moderator sends everybody away. */
import { destroyRoom } from '../muc/leave.ts';
import { FeatureComponent, type FeatureContext } from './feature-component.ts';

export function addEndConference(context: FeatureContext): void {
  new FeatureComponent(context, {
    label: 'endconference',
    type: 'end_conference',
    handle: ({ occupant, element }) => {
      if (element.name !== 'end_conference' || !occupant.isModerator) return false;
      const { room } = occupant;
      // From a breakout room nobody ends the meeting of the others (clients do not offer it).
      if (context.rooms.find(room.jid.bare) !== room) return false;
      context.rooms.hooks.moderated.run({ room, actor: occupant, action: 'end' });
      destroyRoom(context.rooms, room, { reason: 'The meeting has been terminated' });
      return true;
    },
  });
}
