/** SOFTWARE (RFC 8489 §14.14): fewer than 128 characters, so at most 509 bytes. */
import { textAttribute } from './text-attribute.ts';

export const Software = textAttribute(0x8022, 'SOFTWARE', 509);
