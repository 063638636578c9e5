/** The external reservation system over HTTP (COMPAT: Jitsi's reservation API, docs: protocol-signaling 11.18). */
import { type Clock, type Logger, parseJsonObject } from '@conclave/base';
import type { BookingResult, Reservation, ReservationLink } from '@conclave/focus';
import type { Jid } from '@conclave/protocols/xmpp';

export interface ReservationSystemDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  /** E-mail address, or what else names the person with this full JID. */
  readonly ownerOf: (realJid: string) => string;
  /** Of a room among those of all tenants. */
  readonly nameOf: (room: Jid) => string;
  readonly fetch?: typeof fetch;
}

const TIMEOUT_MS = 20_000;
const MAX_ANSWER_BYTES = 65_536;
const MAX_TEXT_LENGTH = 1_024;
/** Conferences given back at the same time; more are only logged. */
const MAX_RELEASES = 100;

export class ReservationSystem implements ReservationLink {
  readonly #deps: ReservationSystemDependencies;
  /** Without a slash at the end. */
  readonly #baseUrl: string;
  #releases = 0;

  constructor(deps: ReservationSystemDependencies, baseUrl: string) {
    this.#deps = deps;
    this.#baseUrl = baseUrl.replace(/\/+$/, '');
  }

  book(room: Jid, realJid: string, done: (result: BookingResult) => void): void {
    this.#book(room, realJid)
      .catch((error: unknown) => {
        this.#deps.logger.error('reservation.failed', { room: room.bare, error: String(error) });
        const text = 'The reservation system does not answer';
        return { type: 'refused', code: 500, text } as const;
      })
      .then(done, (error: unknown) =>
        this.#deps.logger.error('reservation.crashed', { room: room.bare, error }),
      );
  }

  release(id: string): void {
    if (this.#releases >= MAX_RELEASES) {
      this.#deps.logger.error('reservation.release.dropped', { id });
      return;
    }
    this.#releases++;
    this.#send(`/${encodeURIComponent(id)}`, { method: 'DELETE' })
      .then(({ status }) => {
        if (status >= 400) this.#deps.logger.warn('reservation.release.refused', { id, status });
      })
      .catch((error: unknown) =>
        this.#deps.logger.error('reservation.release.failed', { id, error: String(error) }),
      )
      .finally(() => this.#releases--);
  }

  async #book(room: Jid, realJid: string): Promise<BookingResult> {
    const form = new URLSearchParams({
      name: this.#deps.nameOf(room),
      start_time: new Date(this.#deps.clock.wallMs()).toISOString(),
      mail_owner: this.#deps.ownerOf(realJid),
    });
    let answer = await this.#send('', { method: 'POST', body: form });
    if (answer.status === 409) {
      // There is one already: of this or of another meeting, which the system tells then.
      const id = textOf(answer.json.conflict_id);
      if (id === undefined) return refusal(409, answer.json);
      answer = await this.#send(`/${encodeURIComponent(id)}`, { method: 'GET' });
    }
    if (answer.status !== 200 && answer.status !== 201) return refusal(answer.status, answer.json);
    const reservation = reservationFromJson(answer.json);
    if (reservation !== undefined) return { type: 'booked', reservation };
    this.#deps.logger.error('reservation.answer.not-understood', { room: room.bare });
    return refusal(500, {});
  }

  async #send(
    path: string,
    init: { readonly method: string; readonly body?: URLSearchParams },
  ): Promise<{ readonly status: number; readonly json: Readonly<Record<string, unknown>> }> {
    const { fetch: send = fetch } = this.#deps;
    const response = await send(`${this.#baseUrl}/conference${path}`, {
      ...init,
      // A redirect could lead into the own network.
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { accept: 'application/json' },
    });
    return { status: response.status, json: parseJsonObject(await readText(response)) ?? {} };
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (response.body === null) return '';
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Ids come as numbers or texts. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' && value.length <= 256 ? value : undefined;
}

function refusal(code: number, json: Readonly<Record<string, unknown>>): BookingResult {
  const { message } = json;
  const text =
    typeof message === 'string' ? message.slice(0, MAX_TEXT_LENGTH) : 'The room is not reserved';
  return { type: 'refused', code, text };
}

function reservationFromJson(json: Readonly<Record<string, unknown>>): Reservation | undefined {
  const id = textOf(json.id);
  if (id === undefined) return undefined;
  const startWallMs = Date.parse(String(json.start_time));
  const durationMs = Number(json.duration) * 1000;
  const endWallMs = startWallMs + durationMs;
  const { max_occupants: maxOccupants, lobby, password } = json;
  return {
    id,
    ...(durationMs > 0 && Number.isFinite(endWallMs) && { endWallMs }),
    ...(Number.isInteger(maxOccupants) && { maxOccupants: Number(maxOccupants) }),
    ...(lobby === true && { hasLobby: true }),
    ...(typeof password === 'string' && password !== '' && { password }),
  };
}
