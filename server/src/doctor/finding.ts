/** What the doctor found out about one thing. */

export interface Finding {
  /** `note` is neither good nor bad; a `problem` keeps the server, or part of it, from working. */
  readonly status: 'ok' | 'note' | 'warning' | 'problem';
  /** The setting, file or place that it is about. */
  readonly subject: string;
  /** What is so, and when it is wrong what to do. */
  readonly text: string;
}

export const ok = (subject: string, text: string): Finding => ({ status: 'ok', subject, text });
export const note = (subject: string, text: string): Finding => ({ status: 'note', subject, text });
export const warning = (subject: string, text: string): Finding => ({
  status: 'warning',
  subject,
  text,
});
export const problem = (subject: string, text: string): Finding => ({
  status: 'problem',
  subject,
  text,
});

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
