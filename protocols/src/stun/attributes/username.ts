/** USERNAME (RFC 8489 §14.3): for ICE `<receiver's ufrag>:<sender's ufrag>` (RFC 8445 §7.2.2). */
import { ATTRIBUTE_USERNAME } from '../stun-message.ts';
import { textAttribute } from './text-attribute.ts';

export const Username = textAttribute(ATTRIBUTE_USERNAME, 'USERNAME', 513);
