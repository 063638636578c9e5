/** What goes in and out of the admin API. */
import { choice, flag, list, object, orNull, text, wholeNumber } from './schema.ts';

const MAX_REASON = 512;
const LONG = 4096;

const ROOM_MEMBERS = {
  jid: text({ maxLength: LONG, description: 'Bare JID.' }),
  name: text({ maxLength: LONG, description: 'First part of the JID.' }),
  tenant: orNull(text({ maxLength: 63, description: 'Of the room `https://host/TENANT/NAME`.' })),
  kind: choice(['conference', 'breakout', 'lobby']),
  meetingId: text({ maxLength: 64, description: 'Of this meeting; the next one has another.' }),
  createdAt: text({ maxLength: 30, description: 'Date and time, UTC (RFC 3339).' }),
  participants: wholeNumber({ description: 'People; the focus and other services do not count.' }),
  isLocked: flag({ description: 'A password is needed to enter.' }),
  hasLobby: flag({ description: 'Whoever is no member waits until let in.' }),
};

const OCCUPANT = object({
  id: text({ maxLength: LONG, description: 'Nick in the room and endpoint id of the bridge.' }),
  jid: text({ maxLength: LONG, description: 'Full real JID.' }),
  displayName: orNull(text({ maxLength: 256 })),
  email: orNull(text({ maxLength: LONG })),
  userId: orNull(text({ maxLength: LONG, description: 'Of the login; null for guests.' })),
  role: choice(['moderator', 'participant', 'visitor', 'none']),
  affiliation: choice(['owner', 'admin', 'member', 'none', 'outcast']),
});

export const WAITING = object({
  waiting: list(
    object({
      id: text({ maxLength: LONG, description: 'Nick in the lobby.' }),
      displayName: orNull(text({ maxLength: 256 })),
      email: orNull(text({ maxLength: LONG })),
      userId: orNull(text({ maxLength: LONG, description: 'Of the login; null for guests.' })),
    }),
  ),
});

const MEDIA = list(choice(['audio', 'video', 'desktop']), { minItems: 1, maxItems: 3 });

export const ROOM_LIST = object({ rooms: list(object(ROOM_MEMBERS)) });

export const ROOM = object({
  ...ROOM_MEMBERS,
  subject: orNull(text({ maxLength: LONG })),
  occupants: list(OCCUPANT),
});

export const DONE = object({ done: flag() });

export const MUTED = object({ muted: wholeNumber({ description: 'People whom it concerned.' }) });

export const KICK = object(
  {},
  {
    reason: text({ maxLength: MAX_REASON, description: 'Shown to everybody in the room.' }),
    ban: flag({ description: 'Keeps the person away until the room ends.' }),
  },
);

export const END = object(
  {},
  { reason: text({ maxLength: MAX_REASON, description: 'Shown to everybody in the room.' }) },
);

export const MUTE = object({ media: MEDIA });

export const PASSWORD = object({
  password: orNull(text({ maxLength: 256, description: 'null or empty opens the room.' })),
});

export const SWITCH = object({ enabled: flag() });

const MODERATORS = list(
  text({
    maxLength: 512,
    description: '`account:NAME`, or `token:ID` with the user id of tokens.',
  }),
  { maxItems: 1000 },
);

export const KEEP = object(
  {},
  {
    password: text({ maxLength: 256, description: 'Empty or absent: none.' }),
    subject: text({ maxLength: LONG }),
    hasLobby: flag({ description: 'Whoever is no member waits until let in.' }),
    moderators: MODERATORS,
    maxOccupants: wholeNumber({ description: '0 or absent: as many as the server allows.' }),
  },
);

export const KEPT = object({
  isLocked: flag(),
  subject: orNull(text({ maxLength: LONG })),
  hasLobby: flag(),
  moderators: MODERATORS,
  maxOccupants: orNull(wholeNumber()),
});

export const KEPT_LIST = object({
  rooms: list(text({ maxLength: LONG, description: 'Bare JID.' })),
});

/** Prosody's `mod_muc_census`. */
export const CENSUS = object({
  room_census: list(
    object({
      room_name: text({ maxLength: LONG, description: 'Bare JID.' }),
      participants: wholeNumber(),
      created_time: text({ maxLength: 30, description: 'Unix time in ms, as text.' }),
    }),
  ),
});

/** Prosody's `mod_muc_size`: `/room-size`. */
export const SIZE = object({ participants: wholeNumber() });

/** Prosody's `mod_muc_size`: `/room`. */
export const OCCUPANTS = list(
  object(
    { jid: text({ maxLength: LONG, description: '`room@muc/nick`.' }) },
    {
      email: text({ maxLength: LONG }),
      display_name: text({ maxLength: 256 }),
    },
  ),
);

/** Prosody's `mod_muc_size`: `/sessions`. */
export const SESSIONS = wholeNumber({ description: 'Sessions of clients.' });

/** Jitsi's `mod_muc_kick_participant`. */
export const KICK_PARTICIPANT = object({ participantId: text({ maxLength: LONG }) });

/** Jitsi's `mod_muc_password_check`. */
export const ROOM_INFO = object({
  conference: text({ maxLength: LONG, description: 'Bare JID.' }),
  passcodeProtected: flag(),
  lobbyEnabled: flag(),
});

export const PASSCODE = object({ passcode: text({ maxLength: 256 }) });

export const VALID = object({ valid: flag() });

/** Jitsi's `mod_system_chat_message`. */
export const SYSTEM_MESSAGE = object(
  {
    room: text({ maxLength: LONG, description: 'Bare JID.' }),
    message: text({ maxLength: LONG }),
  },
  {
    displayName: text({ maxLength: 256, description: 'In whose name.' }),
    connectionJIDs: list(text({ maxLength: LONG }), {
      maxItems: 1000,
      description: 'Full real JIDs of those whom it is for; absent: everybody.',
    }),
  },
);

/** RFC 9457. */
export const PROBLEM = object(
  { title: text({ maxLength: 100 }), status: wholeNumber() },
  { detail: text({ maxLength: LONG }) },
);
