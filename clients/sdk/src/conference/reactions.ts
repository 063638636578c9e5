/** A smile across the room: reactions travel over the bridge, are shown for a moment and not kept (Jitsi's `endpoint-reaction`). */
import { Emitter } from '../emitter.ts';
import type { JsonObject } from './json-message.ts';

/** Names on the wire, as Jitsi's clients know them, with what is shown. */
export const REACTIONS = {
  like: '👍',
  clap: '👏',
  laugh: '😂',
  surprised: '😮',
  love: '❤️',
  boo: '👎',
} as const;

export type Reaction = keyof typeof REACTIONS;

type ReactionEvents = { reaction: [fromId: string, reaction: Reaction] };

const TYPE = 'endpoint-reaction';

export interface ReactionsContext {
  readonly ownId: string;
  /** To everybody in the room. */
  send(payload: JsonObject): void;
  wallMs(): number;
}

export class Reactions {
  readonly #context: ReactionsContext;
  readonly #events = new Emitter<ReactionEvents>();

  constructor(context: ReactionsContext) {
    this.#context = context;
  }

  /** Our own are told as well. */
  readonly on: Emitter<ReactionEvents>['on'] = (name, listener) => this.#events.on(name, listener);

  react(reaction: Reaction): void {
    this.#context.send({ name: TYPE, reactions: [reaction], timestamp: this.#context.wallMs() });
    this.#events.emit('reaction', this.#context.ownId, reaction);
  }

  /** A message over the bridge; several at once are shown as the last of them. */
  handleMessage(fromId: string, payload: JsonObject): void {
    if (payload.name !== TYPE || !Array.isArray(payload.reactions)) return;
    const last: unknown = payload.reactions.at(-1);
    if (typeof last !== 'string' || !Object.hasOwn(REACTIONS, last)) return;
    this.#events.emit('reaction', fromId, last as Reaction);
  }
}
