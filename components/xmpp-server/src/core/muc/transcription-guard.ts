/** Transcription results are believed by clients, so only services may send them. */
import { NS } from '@conclave/protocols/xmpp';
import type { MessageEvent } from './hooks.ts';
import type { Rooms } from './rooms.ts';

export function addTranscriptionGuard(rooms: Rooms): void {
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
