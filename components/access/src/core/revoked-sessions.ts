/** Sessions that were logged out before their time, until they would have ended by themselves. */

const MAX_REVOKED = 100_000;

export class RevokedSessions {
  /** End by id, in the order of revocation. */
  readonly #endsAtS = new Map<string, number>();

  /** `text` is what `write` gave. Whatever cannot be read is left out. */
  static read(text: string, nowS: number): RevokedSessions {
    const revoked = new RevokedSessions();
    for (const line of text.split('\n')) {
      const [id = '', endS = ''] = line.split(' ');
      if (id !== '' && Number(endS) > nowS) revoked.#endsAtS.set(id, Number(endS));
    }
    return revoked;
  }

  write(): string {
    return [...this.#endsAtS].map(([id, endS]) => `${id} ${endS}\n`).join('');
  }

  has(id: string): boolean {
    return this.#endsAtS.has(id);
  }

  add(id: string, endS: number, nowS: number): void {
    for (const [known, end] of this.#endsAtS) if (end <= nowS) this.#endsAtS.delete(known);
    const [oldest] = this.#endsAtS.keys();
    if (oldest !== undefined && this.#endsAtS.size >= MAX_REVOKED) this.#endsAtS.delete(oldest);
    this.#endsAtS.set(id, endS);
  }
}
