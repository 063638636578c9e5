/**
 * Requests to the focus that not everybody may make: recordings, live streams, telephone calls and transcripts cost
 * something or are delicate (docs: protocol-signaling 5.8, 11.11, 11.12). What is allowed goes on to the focus, which
 * knows whether there is such a service.
 */
import type { XmlElement } from '@conclave/protocols/xml';
import { iqPayload, NS } from '@conclave/protocols/xmpp';
import type { Rooms } from '../muc/rooms.ts';
import { isPermitted, type Permission } from './permissions.ts';

/** What a transcriber is called where a telephone number stands (COMPAT). */
const TRANSCRIBER = 'jitsi_meet_transcribe';

export function addServiceRequests(rooms: Rooms): void {
  const { focusJid } = rooms.core.options;
  rooms.hooks.occupantIq.add(100, ({ occupant, target, stanza }) => {
    if (stanza.attribute('type') !== 'set' || target.realJid.bare !== focusJid) return undefined;
    const payload = iqPayload(stanza);
    const permission = payload && permissionFor(payload);
    if (permission === undefined || isPermitted(occupant, permission)) return undefined;
    return { condition: 'forbidden', text: `this needs the permission "${permission}"` };
  });
}

function permissionFor(payload: XmlElement): Permission | undefined {
  if (payload.ns === NS.jibri && payload.name === 'jibri') {
    if (payload.attribute('sipaddress') !== undefined) return 'sip-outbound-call';
    return payload.attribute('recording_mode') === 'stream' ? 'livestreaming' : 'recording';
  }
  if (payload.ns === NS.rayo && payload.name === 'dial') {
    return payload.attribute('to') === TRANSCRIBER ? 'transcription' : 'outbound-call';
  }
  return undefined;
}
