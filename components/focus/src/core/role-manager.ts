/**
 * Sees to it that a conference has an owner: the first participant becomes one, and the one who has
 * been there longest when the last owner leaves. Whoever is owner by other means (a token) counts.
 */
import { type XmlElement, xml } from '@conclave/protocols/xml';
import { mucItemToXml, NS } from '@conclave/protocols/xmpp';
import type { IqReply } from './iq-tracker.ts';
import type { Participant } from './participant.ts';

export interface RoleManagerDependencies {
  /** Sends an admin request to the room. */
  readonly request: (payload: XmlElement, onReply: (reply: IqReply) => void) => void;
  readonly mayBecomeOwner: (participant: Participant) => boolean;
  /** Who is owner whoever else is: it logged in. */
  readonly hasToLead: (participant: Participant) => boolean;
}

export class RoleManager {
  readonly #deps: RoleManagerDependencies;
  /** Who was chosen and is not owner yet. */
  #chosen: Participant | undefined;
  /** Who was made owner because it logged in; once, for a moderator may take it back. */
  readonly #leaders = new WeakSet<Participant>();

  constructor(deps: RoleManagerDependencies) {
    this.#deps = deps;
  }

  /** Call whenever somebody joined or logged in. */
  reviewLogins(participants: Iterable<Participant>): void {
    for (const participant of participants) {
      if (this.#leaders.has(participant) || !this.#deps.hasToLead(participant)) continue;
      this.#leaders.add(participant);
      if (participant.affiliation !== 'owner') this.#makeOwner(participant, () => {});
    }
  }

  /** Call whenever somebody joined, left, or changed affiliation. `participants` in order of joining. */
  review(participants: Iterable<Participant>): void {
    const candidates = [...participants].filter((p) => !p.isHidden && p.role !== 'visitor');
    if (candidates.some(({ affiliation }) => affiliation === 'owner')) {
      this.#chosen = undefined;
      return;
    }
    if (this.#chosen !== undefined && candidates.includes(this.#chosen)) return;
    const first = candidates.find((participant) => this.#deps.mayBecomeOwner(participant));
    this.#chosen = first;
    if (first === undefined) return;
    this.#makeOwner(first, (reply) => {
      // Refused or lost: the next change in the room tries again.
      if (reply.type !== 'result' && this.#chosen === first) this.#chosen = undefined;
    });
  }

  #makeOwner({ realJid }: Participant, onReply: (reply: IqReply) => void): void {
    const item = { affiliation: 'owner', role: 'moderator', jid: realJid.bare } as const;
    // An affiliation item has no role (XEP-0045 §10.3).
    const element = mucItemToXml(item, NS.mucAdmin).with({ role: undefined });
    this.#deps.request(xml('query', NS.mucAdmin, {}, element), onReply);
  }
}
