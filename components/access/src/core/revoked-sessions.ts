/** Sessions that were logged out before their time, until they would have ended by themselves. */

const MAX_REVOKED = 100_000;

interface Revocation {
  /** When it is forgotten. */
  readonly endS: number;
  /** Only sessions that are not younger are meant. */
  readonly beforeS: number;
}

export class RevokedSessions {
  /** In the order of revocation. */
  readonly #byId = new Map<string, Revocation>();

  /** `text` is what `write` gave. Whatever cannot be read is left out. */
  static read(text: string, nowS: number): RevokedSessions {
    const revoked = new RevokedSessions();
    for (const line of text.split('\n')) {
      const [id = '', endS = '', beforeS = ''] = line.split(' ');
      if (id === '' || !(Number(endS) > nowS)) continue;
      revoked.#byId.set(id, {
        endS: Number(endS),
        beforeS: beforeS === '' ? Number.POSITIVE_INFINITY : Number(beforeS),
      });
    }
    return revoked;
  }

  write(): string {
    return [...this.#byId]
      .map(([id, { endS, beforeS }]) =>
        Number.isFinite(beforeS) ? `${id} ${endS} ${beforeS}\n` : `${id} ${endS}\n`,
      )
      .join('');
  }

  /** `issuedS`: when the session began. */
  has(id: string, issuedS = 0): boolean {
    const revocation = this.#byId.get(id);
    return revocation !== undefined && issuedS <= revocation.beforeS;
  }

  add(id: string, endS: number, nowS: number, beforeS = Number.POSITIVE_INFINITY): void {
    for (const [known, { endS: end }] of this.#byId) if (end <= nowS) this.#byId.delete(known);
    const [oldest] = this.#byId.keys();
    if (oldest !== undefined && this.#byId.size >= MAX_REVOKED) this.#byId.delete(oldest);
    this.#byId.set(id, { endS, beforeS });
  }
}
