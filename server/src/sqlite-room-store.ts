/**
 * Rooms that are kept between meetings, in SQLite under CONFIG. The database is opened when there is one, or with the
 * first room that is kept: most servers keep none, and SQLite takes 20 MB.
 */
import { existsSync } from 'node:fs';
import { Database, type SqlRow, type StateFolder } from '@conclave/platform/storage';
import type { KeptRoom, RoomStore } from '@conclave/xmpp-server';

const FILE = 'rooms.sqlite';
const MAX_ROOMS = 100_000;

const MIGRATIONS = [
  `CREATE TABLE room (
     jid TEXT PRIMARY KEY, password TEXT, has_lobby INTEGER NOT NULL, subject TEXT, max_occupants INTEGER,
     moderators TEXT NOT NULL
   );`,
];

export class SqliteRoomStore implements RoomStore {
  readonly #state: StateFolder;
  readonly #maxRooms: number;
  #db: Database | undefined;

  /** Throws StorageError. */
  constructor(state: StateFolder, maxRooms = MAX_ROOMS) {
    this.#state = state;
    this.#maxRooms = maxRooms;
    if (existsSync(state.pathOf(FILE))) this.#open();
  }

  find(jid: string): KeptRoom | undefined {
    const row = this.#db?.get('SELECT * FROM room WHERE jid = ?', [jid]);
    return row && roomFrom(row);
  }

  save(jid: string, room: KeptRoom): boolean {
    const { password = null, hasLobby, subject = null, maxOccupants = null, moderators } = room;
    const values = [password, hasLobby ? 1 : 0, subject, maxOccupants, JSON.stringify(moderators)];
    const db = this.#db ?? this.#open();
    const changed = db.run(
      `UPDATE room SET password = ?, has_lobby = ?, subject = ?, max_occupants = ?, moderators = ?
       WHERE jid = ?`,
      [...values, jid],
    );
    if (changed > 0) return true;
    const count = Number(db.get('SELECT count(*) AS n FROM room')?.n ?? 0);
    if (count >= this.#maxRooms) return false;
    db.run(
      `INSERT INTO room (password, has_lobby, subject, max_occupants, moderators, jid)
       VALUES (?, ?, ?, ?, ?, ?)`,
      [...values, jid],
    );
    return true;
  }

  remove(jid: string): boolean {
    return this.#db !== undefined && this.#db.run('DELETE FROM room WHERE jid = ?', [jid]) > 0;
  }

  list(): readonly string[] {
    const rows = this.#db?.all('SELECT jid FROM room ORDER BY jid') ?? [];
    return rows.map(({ jid }) => String(jid));
  }

  close(): void {
    this.#db?.close();
  }

  #open(): Database {
    this.#db = new Database(this.#state.pathOf(FILE), MIGRATIONS);
    return this.#db;
  }
}

function roomFrom({ password, has_lobby, subject, max_occupants, moderators }: SqlRow): KeptRoom {
  return {
    hasLobby: has_lobby === 1,
    moderators: textsFrom(moderators),
    ...(typeof password === 'string' && { password }),
    ...(typeof subject === 'string' && { subject }),
    ...(typeof max_occupants === 'number' && { maxOccupants: max_occupants }),
  };
}

function textsFrom(json: unknown): string[] {
  const value: unknown = JSON.parse(String(json));
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
