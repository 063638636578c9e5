/**
 * A stanza on its way to many: serialised once, with each recipient's `to` spliced in. Queues keep
 * this object, so a broadcast costs its text once, however many have not acknowledged it.
 */
import { writeXml, type XmlElement } from '@conclave/protocols/xml';
import type { VisitorAddresses } from './visitor-node.ts';

export class PreparedStanza {
  /** Its `to`, if any, is replaced for each recipient. */
  readonly element: XmlElement;
  readonly #head: string;
  #rest: string | undefined;
  /** The same for those on the visitor node: there is one, so one text is kept. */
  #restForVisitors: string | undefined;

  /** `text` is the element serialised without `to`, when the caller has it already. */
  constructor(element: XmlElement, text?: string) {
    this.element = element;
    this.#head = `<${element.name}`;
    if (text !== undefined) this.#rest = text.slice(this.#head.length);
  }

  /** Characters without the recipient's address. */
  get length(): number {
    return this.#head.length + this.#text().length;
  }

  /** `toAttribute` is ` to="…"`, escaped; `addresses` when the recipient has names of its own for rooms. */
  textFor(toAttribute: string, addresses?: VisitorAddresses): string {
    const rest = addresses === undefined ? this.#text() : this.#textForVisitors(addresses);
    return this.#head + toAttribute + rest;
  }

  elementFor(to: string): XmlElement {
    return this.element.with({ to });
  }

  #textForVisitors(addresses: VisitorAddresses): string {
    if (this.#restForVisitors === undefined) {
      const from = this.element.attribute('from');
      const shown = from === undefined ? undefined : addresses.shown(from);
      const element = this.element.with({ to: undefined, from: shown });
      this.#restForVisitors = writeXml(element).slice(this.#head.length);
    }
    return this.#restForVisitors;
  }

  #text(): string {
    if (this.#rest === undefined) {
      const element = this.element.attributes.has('to')
        ? this.element.with({ to: undefined })
        : this.element;
      this.#rest = writeXml(element).slice(this.#head.length);
    }
    return this.#rest;
  }
}
