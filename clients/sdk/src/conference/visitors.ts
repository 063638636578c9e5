/**
 * People who look on (Jitsi's `visitors`): they see and hear everybody and are seen by nobody. A raised hand asks to take
 * part; moderators learn of it here and answer. The server makes them participants, in their presence.
 */
import { resourceOf } from '@conclave/protocols/xmpp';
import { type ReadonlyStore, Store } from '../store.ts';
import { type JsonObject, writeJsonMessage } from './json-message.ts';
import type { RoomContext } from './room-context.ts';
import type { RoomServices } from './room-services.ts';

/** A visitor who asks to take part. */
export interface AskingVisitor {
  /** As the server names them. */
  readonly address: string;
  /** Empty when the person gave none. */
  readonly displayName: string;
}

const MAX_ASKING = 500;
const MAX_NAME_LENGTH = 200;

export class Visitors {
  readonly #context: RoomContext;
  readonly #services: () => RoomServices;
  readonly #asking = new Store<readonly AskingVisitor[]>([]);
  readonly #count = new Store(0);

  constructor(context: RoomContext, services: () => RoomServices) {
    this.#context = context;
    this.#services = services;
  }

  /** Whether this server has visitors. */
  get isAvailable(): boolean {
    return this.#services().visitors !== undefined;
  }

  /** In the order in which they asked. Only moderators are told. */
  get asking(): ReadonlyStore<readonly AskingVisitor[]> {
    return this.#asking;
  }

  /** How many look on. */
  get count(): ReadonlyStore<number> {
    return this.#count;
  }

  /** For moderators: lets those take part who ask, or not. */
  answer(addresses: readonly string[], approved: boolean): void {
    this.#command({ action: 'promotion-response', approved, ids: addresses });
    for (const address of addresses) this.#forget(address);
  }

  /** For moderators: from now on this participant looks on. */
  demote(id: string): void {
    this.#command({ action: 'demote-request', id, actor: this.#context.ownId });
  }

  /** @param count as the focus says */
  handleCount(count: number): void {
    this.#count.set(count);
  }

  /** A message of type `visitors` from the component. */
  handleNews({ action, from, nick, on }: JsonObject): void {
    if (action !== 'promotion-request' || typeof from !== 'string') return;
    this.#forget(from);
    if (on !== true || this.#asking.get().length >= MAX_ASKING) return;
    const displayName = typeof nick === 'string' ? nick.trim().slice(0, MAX_NAME_LENGTH) : '';
    this.#asking.update((all) => [...all, { address: from, displayName }]);
  }

  /** Somebody takes part now: whoever let them. */
  handleParticipant(id: string): void {
    for (const { address } of this.#asking.get()) {
      if (resourceOf(address) === id) this.#forget(address);
    }
  }

  #forget(address: string): void {
    const all = this.#asking.get();
    if (all.some((other) => other.address === address)) {
      this.#asking.set(all.filter((other) => other.address !== address));
    }
  }

  #command(command: JsonObject): void {
    const { roomJid } = this.#context;
    this.#context.send(writeJsonMessage(roomJid, 'groupchat', { type: 'visitors', ...command }));
  }
}
