/** Rooms that are kept between meetings, in SQLite under CONFIG. */
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
  readonly #db: Database;
  readonly #maxRooms: number;

  /** Throws StorageError. */
  constructor(state: StateFolder, maxRooms = MAX_ROOMS) {
    this.#db = new Database(state.pathOf(FILE), MIGRATIONS);
    this.#maxRooms = maxRooms;
  }

  find(jid: string): KeptRoom | undefined {
    const row = this.#db.get('SELECT * FROM room WHERE jid = ?', [jid]);
    return row && roomFrom(row);
  }

  save(jid: string, room: KeptRoom): boolean {
    const { password = null, hasLobby, subject = null, maxOccupants = null, moderators } = room;
    const values = [password, hasLobby ? 1 : 0, subject, maxOccupants, JSON.stringify(moderators)];
    const changed = this.#db.run(
      `UPDATE room SET password = ?, has_lobby = ?, subject = ?, max_occupants = ?, moderators = ?
       WHERE jid = ?`,
      [...values, jid],
    );
    if (changed > 0) return true;
    const count = Number(this.#db.get('SELECT count(*) AS n FROM room')?.n ?? 0);
    if (count >= this.#maxRooms) return false;
    this.#db.run(
      `INSERT INTO room (password, has_lobby, subject, max_occupants, moderators, jid)
       VALUES (?, ?, ?, ?, ?, ?)`,
      [...values, jid],
    );
    return true;
  }

  remove(jid: string): boolean {
    return this.#db.run('DELETE FROM room WHERE jid = ?', [jid]) > 0;
  }

  list(): readonly string[] {
    return this.#db.all('SELECT jid FROM room ORDER BY jid').map(({ jid }) => String(jid));
  }

  close(): void {
    this.#db.close();
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
