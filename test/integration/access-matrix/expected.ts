/** What each way to come must end in, in each situation; the role when it is in, or where it ended. */

export const SITUATIONS = [
  'creates',
  'joins',
  'joins before the host',
  'second window',
  'after expiry',
  'after a role change',
] as const;

/** In the order of `SITUATIONS`. */
type Outcomes = readonly string[];

/** Somebody who leads wherever they are. `expired`: how it ends when the log-in is no longer good. */
const leads = (expired: string): Outcomes => [
  'moderator',
  'moderator',
  'moderator',
  'moderator moderator',
  expired,
  'participant, again moderator',
];

/** Somebody who never leads, not even alone. */
const takesPart = (expired: string): Outcomes => [
  'participant',
  'participant',
  'participant',
  'participant participant',
  expired,
  'moderator, again participant',
];

const GUEST: Outcomes = [
  'request: not-authorized',
  'participant',
  'request: not-authorized, then participant',
  'participant participant',
  'participant',
  'moderator, again participant',
];

export const INTERNAL: Readonly<Record<string, Outcomes>> = {
  'an account (PLAIN)': leads('login: not-authorized'),
  'an account (SCRAM-SHA-256)': leads('login: not-authorized'),
  'an account by its session id': leads('request: session-invalid'),
  'an account by the log-in page': leads('login: not-allowed'),
  'a guest': GUEST,
};

export const TOKENS: Readonly<Record<string, Outcomes>> = {
  'a token of a moderator': leads('login: not-allowed'),
  'a token of a participant': takesPart('login: not-allowed'),
  // Whoever is first leads.
  'a token that says nothing': [
    'moderator',
    'participant',
    'moderator',
    'participant participant',
    'login: not-allowed',
    'moderator, again participant',
  ],
  'a guest': GUEST,
};

/** What the directory and the provider say of who leads is the last word, as in a token. */
export const ELSEWHERE: Readonly<Record<string, Outcomes>> = {
  'a teacher of the directory': leads('login: not-authorized'),
  'somebody of the directory': takesPart('login: not-authorized').with(
    SITUATIONS.indexOf('after a role change'),
    // The same address as before, and what it was given it keeps for the meeting.
    'moderator, again moderator',
  ),
  'a teacher by the provider': leads('login: not-allowed'),
  'somebody by the provider': takesPart('login: not-allowed'),
  'a guest': GUEST,
};
