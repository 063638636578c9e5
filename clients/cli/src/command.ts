/** What commands of `conclave` have in common: where they read and write, and how they refuse. */
import type { Clock, RandomSource } from '@conclave/base';

export interface CommandContext {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of `.env` in the working folder. */
  readonly file: Readonly<Record<string, string | undefined>>;
  /** Standard output, one line or more. */
  say(text: string): void;
  /** Standard error: whoever keeps the output of a command is not to keep this. */
  complain(text: string): void;
  /** All of standard input. */
  readInput(): Promise<string>;
  /** `server.js doctor` with our own input and output; its exit code. */
  runDoctor(): Promise<number>;
  /** One line that is not shown while it is typed; without a terminal the first line of standard input. */
  readPassword(prompt: string): Promise<string>;
}

/** A command that cannot be carried out as it was given; the message says what to change. */
export class UsageError extends Error {}
