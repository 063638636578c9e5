/** Two associations over a network in memory that loses, delays, reorders and repeats, repeatable by its seed. */
import { type AssociationOutput, SctpAssociation } from '../index.ts';

export interface LinkOptions {
  readonly lossShare?: number;
  readonly duplicateShare?: number;
  readonly delayMs?: number;
  /** Added to the delay at random: more than the distance of packets reorders them. */
  readonly jitterMs?: number;
}

/** A fraction in 0..1 per call. */
export type Chance = () => number;

export class Side {
  readonly association: SctpAssociation;
  readonly messages: { streamId: number; payloadProtocol: number; data: Uint8Array }[] = [];
  readonly news: string[] = [];
  packetsSent = 0;

  constructor(seed: number) {
    let next = seed;
    const bytes = (length: number): Uint8Array => {
      const random = Uint8Array.from({ length }, () => {
        next = (Math.imul(next, 1_103_515_245) + 12_345) >>> 0;
        return next >>> 24;
      });
      // A tag and an initial TSN: the latter so close to the end that every test sees it wrap.
      return length === 8 ? random.fill(0xff, 4) : random;
    };
    this.association = new SctpAssociation(
      { bytes },
      { maxMessageBytes: 262_144, maxQueuedBytes: 1_048_576 },
    );
  }

  get texts(): string[] {
    return this.messages.map(({ data }) => new TextDecoder().decode(data));
  }

  take(output: AssociationOutput): void {
    if (output.type === 'message') this.messages.push(output);
    else if (output.type === 'streamsReset') this.news.push(`reset ${output.streamIds.join()}`);
    else if (output.type === 'closed') this.news.push(`closed: ${output.reason}`);
    else this.news.push(output.type);
  }
}

export class AssociationPair {
  /** Begins. */
  readonly client = new Side(11);
  /** Waits, as the bridge does. */
  readonly server = new Side(22);
  nowMs = 1000;
  readonly #link: LinkOptions;
  readonly #chance: Chance;
  #underWay: { readonly atMs: number; readonly to: Side; readonly packet: Uint8Array }[] = [];

  constructor(link: LinkOptions = {}, chance: Chance = () => 1) {
    this.#link = link;
    this.#chance = chance;
  }

  /** Runs until nothing is left to do, or for at most `maxMs`. */
  run(maxMs = 60_000): this {
    const endMs = this.nowMs + maxMs;
    for (;;) {
      this.#drain(this.client, this.server);
      this.#drain(this.server, this.client);
      const nextMs = Math.min(
        ...this.#underWay.map(({ atMs }) => atMs),
        this.client.association.nextTimeoutMs ?? Infinity,
        this.server.association.nextTimeoutMs ?? Infinity,
      );
      if (nextMs > endMs) return this;
      this.nowMs = Math.max(this.nowMs, nextMs);
      const due = this.#underWay.filter(({ atMs }) => atMs <= this.nowMs);
      this.#underWay = this.#underWay.filter(({ atMs }) => atMs > this.nowMs);
      for (const { to, packet } of due) {
        to.association.handlePacket(packet, this.nowMs);
        this.#drain(this.client, this.server);
        this.#drain(this.server, this.client);
      }
      for (const { association } of [this.client, this.server]) {
        if ((association.nextTimeoutMs ?? Infinity) <= this.nowMs) {
          association.handleTimeout(this.nowMs);
        }
      }
    }
  }

  connect(): this {
    this.client.association.connect(this.nowMs);
    return this.run();
  }

  send(from: Side, text: string, streamId = 0): boolean {
    return from.association.send(streamId, 51, new TextEncoder().encode(text), this.nowMs);
  }

  #drain(from: Side, to: Side): void {
    for (;;) {
      const output = from.association.pollOutput();
      if (output === undefined) return;
      if (output.type !== 'send') {
        from.take(output);
        continue;
      }
      from.packetsSent++;
      const { lossShare = 0, duplicateShare = 0 } = this.#link;
      if (this.#chance() < lossShare) continue;
      this.#deliver(to, output.packet);
      if (this.#chance() < duplicateShare) this.#deliver(to, output.packet);
    }
  }

  #deliver(to: Side, packet: Uint8Array): void {
    const { delayMs = 10, jitterMs = 0 } = this.#link;
    const atMs = this.nowMs + delayMs + (jitterMs === 0 ? 0 : this.#chance() * jitterMs);
    this.#underWay.push({ atMs, to, packet: packet.slice() });
  }
}
