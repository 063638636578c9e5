/** From the name in the address bar to the addresses on the wire, in the way all Jitsi clients do it. */
import { type RandomSource, randomHex } from '@conclave/base';

/** Compatibility-composed, lower case; for the `room` parameter and for display. */
export function normaliseRoomName(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

/** The JID of the room. Characters that an address may not hold are percent-encoded, in lower case. */
export function roomJid(name: string, mucDomain: string): string {
  return `${encodeURIComponent(normaliseRoomName(name)).toLowerCase()}@${mucDomain}`;
}

/** Our nickname, which is our endpoint id: the first eight digits of the account name the server gave us. */
export function endpointIdFor(jid: string, random: RandomSource): string {
  const start = jid.slice(0, 8).toLowerCase();
  return /^[0-9a-f]{8}$/.test(start) ? start : randomHex(random, 8);
}
