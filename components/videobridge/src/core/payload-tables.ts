/**
 * The payload tables of a worker: one for all who negotiated the same, as clients of one kind do. Every packet is looked up
 * in its sender's table, and with hundreds of senders fetching a table of each from memory is what that costs.
 */
import type { MediaDescription } from '@conclave/protocols/colibri';
import { PayloadTable } from './payload-table.ts';

/** Kinds of clients that are remembered: more than there are, and a bound for what anybody makes up. */
const MAX_TABLES = 256;

export class PayloadTables {
  readonly #tables = new Map<string, PayloadTable>();

  of(media: readonly MediaDescription[]): PayloadTable {
    const key = JSON.stringify(media);
    let table = this.#tables.get(key);
    if (table === undefined) {
      table = new PayloadTable(media);
      // Whoever has one of the others keeps it.
      if (this.#tables.size === MAX_TABLES) this.#tables.clear();
      this.#tables.set(key, table);
    }
    return table;
  }
}
