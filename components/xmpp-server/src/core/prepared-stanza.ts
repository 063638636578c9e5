/**
 * A stanza on its way to many: serialised once, with each recipient's `to` spliced in. Queues keep
 * this object, so a broadcast costs its text once, however many have not acknowledged it.
 */
import { writeXml, type XmlElement } from '@conclave/protocols/xml';

export class PreparedStanza {
  /** Its `to`, if any, is replaced for each recipient. */
  readonly element: XmlElement;
  readonly #head: string;
  #rest: string | undefined;

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

  /** `toAttribute` is ` to="…"`, escaped. */
  textFor(toAttribute: string): string {
    return this.#head + toAttribute + this.#text();
  }

  elementFor(to: string): XmlElement {
    return this.element.with({ to });
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
