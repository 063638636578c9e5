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
}

export class RoleManager {
  readonly #deps: RoleManagerDependencies;
  /** Who was chosen and is not owner yet. */
  #chosen: Participant | undefined;

  constructor(deps: RoleManagerDependencies) {
    this.#deps = deps;
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
    const item = {
      affiliation: 'owner',
      role: 'moderator',
      jid: first.realJid.bare,
    } as const;
    // An affiliation item has no role (XEP-0045 §10.3).
    const element = mucItemToXml(item, NS.mucAdmin).with({ role: undefined });
    this.#deps.request(xml('query', NS.mucAdmin, {}, element), (reply) => {
      // Refused or lost: the next change in the room tries again.
      if (reply.type !== 'result' && this.#chosen === first) this.#chosen = undefined;
    });
  }
}
