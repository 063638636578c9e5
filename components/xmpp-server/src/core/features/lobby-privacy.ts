/** Who waits in a lobby sees nobody and is seen by moderators only; who moderates sees who waits. */
import { iqPayload, NS } from '@conclave/protocols/xmpp';
import type { MucHooks } from '../muc/hooks.ts';

export function addLobbyPrivacy(hooks: MucHooks): void {
  hooks.presenceVisible.add(100, ({ occupant, viewer }) =>
    occupant === viewer || (viewer.isModerator && !occupant.isModerator) ? undefined : false,
  );
  hooks.preMessage.add(100, (event) => {
    const { occupant } = event;
    if (!occupant.isModerator) {
      event.audience = (viewer) => viewer === occupant || viewer.isModerator;
    }
    return undefined;
  });
  hooks.prePrivateMessage.add(100, ({ occupant, target }) =>
    // As if there were nobody.
    occupant.isModerator || target.isModerator ? undefined : { condition: 'item-not-found' },
  );
  hooks.occupantIq.add(100, ({ occupant, target, stanza }) => {
    if (!occupant.isModerator && !target.isModerator) return { condition: 'item-not-found' };
    const type = stanza.attribute('type');
    if (type === 'result' || type === 'error') return undefined;
    // No calls and no commands across the door; clients ask each other for their features.
    const isDisco = type === 'get' && iqPayload(stanza)?.ns === NS.discoInfo;
    return isDisco ? undefined : { condition: 'not-allowed' };
  });
}
