/** Accounts in SQLite. Of passwords it holds derived keys, of invitations the hash of their token. */
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '@conclave/base';
import { Database, type SqlRow, type StateFolder } from '@conclave/platform/storage';
import type { ScramKeys, ScramMechanism } from '../core/scram-exchange.ts';

export interface Account {
  readonly name: string;
  readonly displayName: string | undefined;
  readonly email: string | undefined;
  readonly isDisabled: boolean;
  /** False until somebody set a password. */
  readonly hasPassword: boolean;
  readonly createdMs: number;
}

export type AccountKeys = Readonly<Record<ScramMechanism, ScramKeys>>;

export interface NewAccount {
  readonly name: string;
  readonly displayName?: string | undefined;
  readonly email?: string | undefined;
}

const ACCOUNTS_FILE = 'accounts.sqlite';

const MIGRATIONS = [
  `CREATE TABLE account (
     name TEXT PRIMARY KEY, display_name TEXT, email TEXT,
     is_disabled INTEGER NOT NULL DEFAULT 0, created_ms INTEGER NOT NULL
   );
   CREATE TABLE account_key (
     name TEXT NOT NULL REFERENCES account(name) ON DELETE CASCADE, mechanism TEXT NOT NULL,
     salt BLOB NOT NULL, iterations INTEGER NOT NULL, stored_key BLOB NOT NULL, server_key BLOB NOT NULL,
     PRIMARY KEY (name, mechanism)
   );
   CREATE TABLE invitation (
     token_hash BLOB PRIMARY KEY, expires_ms INTEGER NOT NULL,
     name TEXT NOT NULL REFERENCES account(name) ON DELETE CASCADE
   );`,
];

const SELECT = `SELECT name, display_name, email, is_disabled, created_ms,
  EXISTS (SELECT 1 FROM account_key WHERE account_key.name = account.name) AS has_password FROM account`;

export class AccountStore {
  readonly #clock: Clock;
  readonly #db: Database;

  /** Throws StorageError. */
  constructor(clock: Clock, state: StateFolder) {
    this.#clock = clock;
    this.#db = new Database(state.pathOf(ACCOUNTS_FILE), MIGRATIONS);
  }

  find(name: string): Account | undefined {
    const row = this.#db.get(`${SELECT} WHERE name = ?`, [name]);
    return row && accountFrom(row);
  }

  list(): Account[] {
    return this.#db.all(`${SELECT} ORDER BY name`).map(accountFrom);
  }

  /** False when there is one of that name. */
  add({ name, displayName, email }: NewAccount): boolean {
    const values = [name, displayName ?? null, email ?? null, this.#clock.wallMs()];
    const sql =
      'INSERT OR IGNORE INTO account (name, display_name, email, created_ms) VALUES (?, ?, ?, ?)';
    return this.#db.run(sql, values) === 1;
  }

  /** False when there is no such account. */
  remove(name: string): boolean {
    return this.#db.run('DELETE FROM account WHERE name = ?', [name]) === 1;
  }

  /** False when there is no such account. */
  setDisabled(name: string, isDisabled: boolean): boolean {
    const sql = 'UPDATE account SET is_disabled = ? WHERE name = ?';
    return this.#db.run(sql, [isDisabled ? 1 : 0, name]) === 1;
  }

  /** Also makes open invitations worthless. False when there is no such account. */
  setKeys(name: string, keys: AccountKeys): boolean {
    return this.#db.transaction(() => {
      if (this.find(name) === undefined) return false;
      this.#writeKeys(name, keys);
      this.#db.run('DELETE FROM invitation WHERE name = ?', [name]);
      return true;
    });
  }

  keys(name: string, mechanism: ScramMechanism): ScramKeys | undefined {
    const sql = 'SELECT * FROM account_key WHERE name = ? AND mechanism = ?';
    const row = this.#db.get(sql, [name, mechanism]);
    if (row === undefined) return undefined;
    return {
      salt: bytesOf(row.salt),
      iterations: Number(row.iterations),
      storedKey: bytesOf(row.stored_key),
      serverKey: bytesOf(row.server_key),
    };
  }

  /** A token with which the person sets the password, once and within `lifetimeMs`; older ones end. */
  invite(name: string, lifetimeMs: number): string | undefined {
    const token = randomBytes(24).toString('base64url');
    const expiresMs = this.#clock.wallMs() + lifetimeMs;
    return this.#db.transaction(() => {
      if (this.find(name) === undefined) return undefined;
      this.#db.run('DELETE FROM invitation WHERE name = ? OR expires_ms < ?', [
        name,
        this.#clock.wallMs(),
      ]);
      const sql = 'INSERT INTO invitation (token_hash, name, expires_ms) VALUES (?, ?, ?)';
      this.#db.run(sql, [hashOf(token), name, expiresMs]);
      return token;
    });
  }

  /** Whom a token invites; undefined when it is unknown, used or over. */
  invited(token: string): Account | undefined {
    const sql = 'SELECT name FROM invitation WHERE token_hash = ? AND expires_ms > ?';
    const row = this.#db.get(sql, [hashOf(token), this.#clock.wallMs()]);
    return row && this.find(String(row.name));
  }

  /** The name, or undefined when the token is good no more. */
  useInvitation(token: string, keys: AccountKeys): string | undefined {
    return this.#db.transaction(() => {
      const account = this.invited(token);
      if (account === undefined) return undefined;
      this.#writeKeys(account.name, keys);
      this.#db.run('DELETE FROM invitation WHERE name = ?', [account.name]);
      return account.name;
    });
  }

  /** Another number whenever the `conclave` command has changed something. */
  get externalVersion(): number {
    return this.#db.externalVersion;
  }

  close(): void {
    this.#db.close();
  }

  #writeKeys(name: string, keys: AccountKeys): void {
    const sql = 'INSERT OR REPLACE INTO account_key VALUES (?, ?, ?, ?, ?, ?)';
    for (const [mechanism, { salt, iterations, storedKey, serverKey }] of Object.entries(keys)) {
      this.#db.run(sql, [name, mechanism, salt, iterations, storedKey, serverKey]);
    }
  }
}

function accountFrom(row: SqlRow): Account {
  return {
    name: String(row.name),
    displayName: textOf(row.display_name),
    email: textOf(row.email),
    isDisabled: row.is_disabled === 1,
    hasPassword: row.has_password === 1,
    createdMs: Number(row.created_ms),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function bytesOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}

function hashOf(token: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(token).digest());
}
