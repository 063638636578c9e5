/**
 * The audit log: who was let in or refused, and who did what to whom in a room, for the operator's
 * records. A port like the logger; the file behind it is in `platform/telemetry`.
 */

/** One thing that happened. Never a secret, token or password; addresses and names may be in it. */
export interface AuditRecord {
  /** Stable dotted name, `area.action`: `login.accepted`, `login.refused`, `room.kick` …; docs/audit-log.md lists them. */
  readonly event: string;
  /** Who did it: an account, an occupant's JID, `admin-api`. */
  readonly actor?: string;
  /** Network address of the actor. */
  readonly address?: string;
  /** Bare JID of the room. */
  readonly room?: string;
  /** To whom it was done. */
  readonly target?: string;
  /** How: `password`, `token`, `oidc` … at a login. */
  readonly method?: string;
  /** Why, in words; of a refusal, the condition. */
  readonly reason?: string;
  /** What it was changed to: a role, `on`, `off` … */
  readonly value?: string;
}

export interface AuditLog {
  /** Never throws and never blocks; time is added by the receiver. */
  record(record: AuditRecord): void;
}

/** Discards everything; for tests, tools and servers without an audit log. */
export const noAuditLog: AuditLog = { record() {} };
