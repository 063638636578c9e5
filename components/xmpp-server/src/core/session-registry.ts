/** Who is logged in: names, sessions by JID and by resumption id. */
import { randomToken, randomUuid } from '@conclave/base';
import type { Jid } from '@conclave/protocols/xmpp';
import type { CoreContext } from './context.ts';
import { ANONYMOUS, type Identity } from './identity.ts';
import { Session, type SessionStream, type StreamContext } from './session.ts';
import { VISITOR_DOMAIN, VisitorAddresses } from './visitor-node.ts';

/** Tries for a name whose prefix is free; 2^32 prefixes make a second try rare already. */
const NAME_TRIES = 16;

export class SessionRegistry {
  readonly #core: CoreContext;
  readonly #byJid = new Map<string, Session>();
  readonly #bySmId = new Map<string, Session>();
  /** First eight digits of live names: clients use them as nick and endpoint id. */
  readonly #prefixes = new Map<string, number>();
  readonly #onEnd: (session: Session) => void;
  readonly #visitorAddresses: VisitorAddresses;

  /** `onEnd` hears of each session that ended for good. */
  constructor(core: CoreContext, onEnd: (session: Session) => void) {
    this.#core = core;
    this.#onEnd = onEnd;
    this.#visitorAddresses = new VisitorAddresses(core.options.domain, core.options.mucDomain);
  }

  find(fullJid: string): Session | undefined {
    return this.#byJid.get(fullJid);
  }

  findResumable(smId: string): Session | undefined {
    return this.#bySmId.get(smId);
  }

  sessions(): IterableIterator<Session> {
    return this.#byJid.values();
  }

  /**
   * The name for an anonymous login: that of the session to resume, if there is one, else a new
   * version 4 UUID with an unused prefix.
   */
  anonymousNode(previous: Session | undefined): string {
    // An account's name is for those who log in to it.
    if (previous !== undefined && previous.identity.account !== previous.jid.node) {
      return previous.jid.node;
    }
    let node = randomUuid(this.#core.random);
    for (let i = 0; i < NAME_TRIES && this.#prefixes.has(prefixOf(node)); i++) {
      node = randomUuid(this.#core.random);
    }
    return node;
  }

  /** Binds `user` and a random resource (RFC 6120 §7.6): a client cannot take another's place by choosing one. */
  bind(
    user: Jid,
    stream: SessionStream,
    context: StreamContext,
    identity: Identity = ANONYMOUS,
  ): Session {
    const jid = user.withResource(randomToken(this.#core.random, 12));
    const session = new Session(
      this.#core,
      jid,
      stream,
      context,
      identity,
      (ended) => this.#remove(ended),
      jid.domain === VISITOR_DOMAIN ? this.#visitorAddresses : undefined,
    );
    this.#byJid.set(jid.full, session);
    const prefix = prefixOf(user.node);
    this.#prefixes.set(prefix, (this.#prefixes.get(prefix) ?? 0) + 1);
    this.#core.metrics.sessions++;
    this.#core.metrics.sessionsBound++;
    return session;
  }

  /** Enables stream management; with `resume` the session gets an id of [0-9A-Za-z] only. */
  enableStreamManagement(session: Session, resume: boolean): void {
    const smId = resume ? randomToken(this.#core.random, 24) : undefined;
    session.enableStreamManagement(smId);
    if (smId !== undefined) this.#bySmId.set(smId, session);
  }

  #remove(session: Session): void {
    if (!this.#byJid.delete(session.jid.full)) return;
    if (session.smId !== undefined) this.#bySmId.delete(session.smId);
    const prefix = prefixOf(session.jid.node);
    const count = (this.#prefixes.get(prefix) ?? 1) - 1;
    if (count === 0) this.#prefixes.delete(prefix);
    else this.#prefixes.set(prefix, count);
    this.#core.metrics.sessions--;
    this.#onEnd(session);
  }
}

function prefixOf(node: string): string {
  return node.slice(0, 8);
}
