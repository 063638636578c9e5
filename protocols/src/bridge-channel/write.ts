/** Typed message to text. */
import type { BridgeMessage, ClientMessage } from './messages.ts';

export function writeChannelMessage(message: BridgeMessage | ClientMessage): string {
  return JSON.stringify(message);
}
