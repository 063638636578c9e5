/**
 * What clients believe from anybody though only services say it: transcripts, and the state of recordings, calls
 * and the conference in presence.
 */
import { NS } from '@conclave/protocols/xmpp';
import type { MessageEvent } from './hooks.ts';
import type { Rooms } from './rooms.ts';

/** Elements of a presence, in whatever namespace. */
const SERVICE_STATE = new Set([
  'transcription-status',
  'jibri-recording-status',
  'jibri-sip-call-state',
  'conference-properties',
  'bridgeNotAvailable',
]);

export function addServiceGuard(rooms: Rooms): void {
  rooms.hooks.buildOccupantPresence.add(50, ({ occupant, children }) => {
    if (rooms.isOwnerDomain(occupant.realJid.domain)) return undefined;
    for (let i = children.length - 1; i >= 0; i--) {
      const child = children[i];
      if (typeof child === 'object' && SERVICE_STATE.has(child.name)) children.splice(i, 1);
    }
    return undefined;
  });

  const guard = ({ occupant, stanza }: MessageEvent) => {
    const json = stanza.child('json-message', NS.jitmeet)?.text;
    if (json === undefined || !json.includes('transcription')) return undefined;
    if (rooms.isOwnerDomain(occupant.realJid.domain)) return undefined;
    return typeOf(json) === 'transcription-result' ? 'drop' : undefined;
  };
  rooms.hooks.preMessage.add(50, guard);
  rooms.hooks.prePrivateMessage.add(50, guard);
}

function typeOf(json: string): unknown {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  } catch {
    return undefined;
  }
}
