/** What each way to come must end in, in each situation; the role when it is in, or where it ended. */

export const SITUATIONS = [
  'creates',
  'joins',
  'joins before the host',
  'second window',
  'after expiry',
  'after a role change',
] as const;

/** What each situation must end in, in the order of `SITUATIONS`. */
export const INTERNAL: Readonly<Record<string, readonly string[]>> = {
  'an account (PLAIN)': [
    'moderator',
    'moderator',
    'moderator',
    'moderator moderator',
    'login: not-authorized',
    'participant, again moderator',
  ],
  'an account (SCRAM-SHA-256)': [
    'moderator',
    'moderator',
    'moderator',
    'moderator moderator',
    'login: not-authorized',
    'participant, again moderator',
  ],
  'an account by its session id': [
    'moderator',
    'moderator',
    'moderator',
    'moderator moderator',
    'request: session-invalid',
    'participant, again moderator',
  ],
  'an account by the log-in page': [
    'moderator',
    'moderator',
    'moderator',
    'moderator moderator',
    'login: not-allowed',
    'participant, again moderator',
  ],
  'a guest': [
    'request: not-authorized',
    'participant',
    'request: not-authorized, then participant',
    'participant participant',
    'participant',
    'moderator, again participant',
  ],
};

export const TOKENS: Readonly<Record<string, readonly string[]>> = {
  'a token of a moderator': [
    'moderator',
    'moderator',
    'moderator',
    'moderator moderator',
    'login: not-allowed',
    'participant, again moderator',
  ],
  'a token of a participant': [
    'participant',
    'participant',
    'participant',
    'participant participant',
    'login: not-allowed',
    'moderator, again participant',
  ],
  'a token that says nothing': [
    'moderator',
    'participant',
    'moderator',
    'participant participant',
    'login: not-allowed',
    'moderator, again participant',
  ],
  'a guest': INTERNAL['a guest'] ?? [],
};

/** What the directory and the provider say of who leads is the last word, as in a token. */
export const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  'a teacher of the directory': [
    'moderator',
    'moderator',
    'moderator',
    'moderator moderator',
    'login: not-authorized',
    'participant, again moderator',
  ],
  'somebody of the directory': [
    'participant',
    'participant',
    'participant',
    'participant participant',
    'login: not-authorized',
    // The same address as before, and what it was given it keeps for the meeting.
    'moderator, again moderator',
  ],
  'a teacher by the provider': TOKENS['a token of a moderator'] ?? [],
  'somebody by the provider': TOKENS['a token of a participant'] ?? [],
  'a guest': INTERNAL['a guest'] ?? [],
};
