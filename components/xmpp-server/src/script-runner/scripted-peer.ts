/** One party of a script: a client with a transport in memory, or the focus as a component. */

import { parseXml, type XmlElement } from '@conclave/protocols/xml';
import { isStanza } from '@conclave/protocols/xmpp';
import type { StreamTransport } from '../core/stream.ts';

export class ScriptedPeer implements StreamTransport {
  /** Frames not yet looked at. */
  readonly inbox: string[] = [];
  isClosed = false;
  /** Stanzas received since stream management was enabled, over all connections. */
  handledCount = 0;
  /** Sends what the peer says; set when it connects. */
  say: ((text: string) => void) | undefined;
  hangUp: (() => void) | undefined;
  answersAcks = true;
  #counts = false;

  send(text: string): void {
    if (text.startsWith('<r ') && this.answersAcks) {
      this.say?.(`<a xmlns="urn:xmpp:sm:3" h="${this.handledCount}"/>`);
      return;
    }
    if (text.startsWith('<enabled ') || text.startsWith('<resumed ')) this.#counts = true;
    else if (this.#counts && isStanza(element(text))) this.handledCount++;
    this.inbox.push(text);
  }

  receive(stanza: XmlElement): void {
    this.inbox.push(stanza.toString());
  }

  close(): void {
    this.isClosed = true;
  }

  /** For a new connection of the same client. */
  reset(): void {
    this.inbox.length = 0;
    this.isClosed = false;
    this.#counts = false;
  }
}

/** Throws when the server sent something that is no element. */
export function element(text: string): XmlElement {
  const result = parseXml(text);
  if (result.type === 'error') throw new Error(`not XML (${result.reason}): ${text}`);
  return result.element;
}
