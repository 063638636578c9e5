/** A number of synthetic participants in many rooms, of whom again and again one goes, in one way or another, and another comes. */
import { waitUntil } from '@conclave/testkit';
import type { ServerAddress } from '../../integration/server-address.ts';
import { SyntheticParticipant } from '../synthetic-call/participant.ts';

export interface PopulationPlan {
  readonly participants: number;
  readonly perRoom: number;
}

/** In turn: hangs up, loses the connection, is gone without a word, the same with a session that could be resumed. */
const ENDS = ['leave', 'close', 'vanish', 'vanishResumable'] as const;

interface Place {
  readonly room: string;
  /** The first of each room sends; the others only receive. */
  readonly isSilent: boolean;
  readonly end: (typeof ENDS)[number];
  readonly participant: SyntheticParticipant;
}

export class Population {
  readonly #server: ServerAddress;
  readonly #plan: PopulationPlan;
  readonly #ends: readonly (typeof ENDS)[number][];
  readonly #places: Place[] = [];
  #next = 0;
  joined = 0;

  /** `ends`: which ways of going are used. */
  constructor(
    server: ServerAddress,
    plan: PopulationPlan,
    ends: readonly (typeof ENDS)[number][] = ENDS,
  ) {
    this.#server = server;
    this.#plan = plan;
    this.#ends = ends;
  }

  /** All are connected. */
  async fill(): Promise<void> {
    for (let i = 0; i < this.#plan.participants; i++) {
      const room = `churn${Math.floor(i / this.#plan.perRoom)}@muc.meet.jitsi`;
      this.#places.push(await this.#enter(room, i % this.#plan.perRoom !== 0));
    }
    // Media begins when there are two.
    for (const { participant } of this.#places) await connected(participant);
  }

  /** One goes and another takes the place. */
  async replaceOne(): Promise<void> {
    // A step that shares no factor with the number of places, so that all have their turn.
    this.#next = (this.#next + 7) % this.#places.length;
    const place = this.#places[this.#next]!;
    end(place);
    const newcomer = await this.#enter(place.room, place.isSilent);
    this.#places[this.#next] = newcomer;
    await connected(newcomer.participant);
  }

  empty(): void {
    for (const place of this.#places.splice(0)) end(place);
  }

  async #enter(room: string, isSilent: boolean): Promise<Place> {
    const way = this.#ends[this.joined % this.#ends.length] ?? 'leave';
    this.joined++;
    const participant = await SyntheticParticipant.join(this.#server, room, {
      isSilent,
      canResume: way === 'vanishResumable',
    });
    return { room, isSilent, end: way, participant };
  }
}

function end({ end: way, participant }: Place): void {
  if (way === 'leave') participant.leave();
  else if (way === 'close') participant.close();
  else participant.vanish();
}

async function connected(participant: SyntheticParticipant): Promise<void> {
  await waitUntil('a participant to be connected', () => participant.isConnected);
}
