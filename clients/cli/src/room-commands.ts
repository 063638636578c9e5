/** `conclave rooms …`: what the admin API does, for people at a terminal. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { askServer } from './admin-client.ts';
import { type CommandContext, UsageError } from './command.ts';

export const ROOM_USAGE = `  rooms list
  rooms show ROOM
  rooms end ROOM [--reason TEXT]
  rooms kick ROOM ID [--reason TEXT] [--ban]
  rooms mute ROOM [ID] [--audio] [--video] [--desktop]
      Without ID everybody; without a medium, microphones.
  rooms lock ROOM          (the password is read from standard input)
  rooms unlock ROOM
  rooms lobby ROOM on|off
  rooms waiting ROOM
  rooms admit ROOM ID
  rooms deny ROOM ID
      Who waits in the lobby, let in or sent away.
  rooms moderator ROOM ID on|off
  rooms kept
  rooms keep ROOM [--lock] [--lobby] [--subject TEXT] [--max NUMBER] [--moderator account:NAME ...]
      Keeps a room between meetings, also before the first; --lock reads its password
      from standard input.
  rooms forget ROOM
      These ask the running server, which needs ADMIN_API_ENABLED=1. IDs are told by "show".`;

const SEE_HELP = '"conclave help rooms" shows what each command needs.';

type Args = readonly string[];
type Command = (args: Args, context: CommandContext) => Promise<void>;

interface Room {
  readonly kind: string;
  readonly name: string;
  readonly jid: string;
  readonly createdAt: string;
  readonly participants: number;
  readonly isLocked: boolean;
  readonly hasLobby: boolean;
}

interface RoomWithOccupants extends Room {
  readonly meetingId: string;
  readonly occupants: readonly {
    readonly id: string;
    readonly displayName: string | null;
    readonly userId: string | null;
    readonly role: string;
  }[];
}

const COMMANDS: Readonly<Record<string, Command>> = {
  list: async (args, context) => {
    read(args, 0, 0);
    const { rooms } = (await askServer(context, 'GET', '/v1/rooms')) as {
      readonly rooms: readonly Room[];
    };
    if (rooms.length === 0) context.say('There are no rooms now.');
    for (const room of rooms) context.say(lineOf(room));
  },
  show: async (args, context) => {
    const [room = ''] = read(args, 1, 1).positionals;
    const shown = (await askServer(context, 'GET', pathOf(room))) as RoomWithOccupants;
    context.say(lineOf(shown));
    context.say(`meeting ${shown.meetingId} since ${shown.createdAt}`);
    for (const { id, role, displayName, userId } of shown.occupants) {
      const account = userId === null ? '' : ` (${userId})`;
      context.say(`  ${id}  ${role.padEnd(11)}  ${plain(displayName ?? '')}${plain(account)}`);
    }
  },
  end: async (args, context) => {
    const { positionals, values } = read(args, 1, 1, { reason: { type: 'string' } });
    await askServer(context, 'POST', `${pathOf(positionals[0])}/end`, reasonOf(values));
    context.say('ended');
  },
  kick: async (args, context) => {
    const { positionals, values } = read(args, 2, 2, {
      reason: { type: 'string' },
      ban: { type: 'boolean' },
    });
    const body = { ...reasonOf(values), ...(values.ban === true && { ban: true }) };
    await askServer(context, 'POST', `${occupantPath(positionals)}/kick`, body);
    context.say(values.ban === true ? 'removed, and kept away' : 'removed');
  },
  mute: async (args, context) => {
    const { positionals, values } = read(args, 1, 2, {
      audio: { type: 'boolean' },
      video: { type: 'boolean' },
      desktop: { type: 'boolean' },
    });
    const chosen = ['audio', 'video', 'desktop'].filter((medium) => values[medium] === true);
    const media = chosen.length > 0 ? chosen : ['audio'];
    const path = positionals.length === 2 ? occupantPath(positionals) : pathOf(positionals[0]);
    const answer = await askServer(context, 'POST', `${path}/mute`, { media });
    context.say(`muted: ${(answer as { readonly muted: number }).muted}`);
  },
  lock: async (args, context) => {
    const [room] = read(args, 1, 1).positionals;
    const password = await readPassword(context);
    await askServer(context, 'PUT', `${pathOf(room)}/password`, { password });
    context.say('locked');
  },
  unlock: async (args, context) => {
    const [room] = read(args, 1, 1).positionals;
    await askServer(context, 'PUT', `${pathOf(room)}/password`, { password: null });
    context.say('open');
  },
  lobby: async (args, context) => {
    const [room, word] = read(args, 2, 2).positionals;
    const enabled = readSwitch(word);
    await askServer(context, 'PUT', `${pathOf(room)}/lobby`, { enabled });
    context.say(enabled ? 'lobby on' : 'lobby off');
  },
  waiting: async (args, context) => {
    const [room] = read(args, 1, 1).positionals;
    const { waiting } = (await askServer(context, 'GET', `${pathOf(room)}/lobby`)) as {
      readonly waiting: RoomWithOccupants['occupants'];
    };
    if (waiting.length === 0) context.say('Nobody waits.');
    for (const { id, displayName, userId } of waiting) {
      const account = userId === null ? '' : ` (${userId})`;
      context.say(`  ${id}  ${plain(displayName ?? '')}${plain(account)}`);
    }
  },
  admit: async (args, context) => {
    await askServer(context, 'POST', `${guestPath(read(args, 2, 2).positionals)}/admit`);
    context.say('let in');
  },
  deny: async (args, context) => {
    await askServer(context, 'POST', `${guestPath(read(args, 2, 2).positionals)}/deny`);
    context.say('sent away');
  },
  kept: async (args, context) => {
    read(args, 0, 0);
    const { rooms } = (await askServer(context, 'GET', '/v1/kept-rooms')) as {
      readonly rooms: readonly string[];
    };
    if (rooms.length === 0) context.say('No rooms are kept.');
    for (const jid of rooms) context.say(plain(jid));
  },
  keep: async (args, context) => {
    const { positionals, values } = read(args, 1, 1, {
      lock: { type: 'boolean' },
      lobby: { type: 'boolean' },
      subject: { type: 'string' },
      max: { type: 'string' },
      moderator: { type: 'string', multiple: true },
    });
    const { lock, lobby, subject, max, moderator } = values;
    if (max !== undefined && !/^\d{1,6}$/.test(String(max))) {
      throw new UsageError(`--max ${String(max)}: expected a number of people.`);
    }
    await askServer(context, 'PUT', keptPath(positionals[0]), {
      ...(lock === true && { password: await readPassword(context) }),
      ...(lobby === true && { hasLobby: true }),
      ...(subject !== undefined && { subject }),
      ...(max !== undefined && { maxOccupants: Number(max) }),
      ...(moderator !== undefined && { moderators: moderator }),
    });
    context.say('kept');
  },
  forget: async (args, context) => {
    const [room] = read(args, 1, 1).positionals;
    await askServer(context, 'DELETE', keptPath(room));
    context.say('no longer kept');
  },
  moderator: async (args, context) => {
    const { positionals } = read(args, 3, 3);
    const enabled = readSwitch(positionals[2]);
    await askServer(context, 'PUT', `${occupantPath(positionals)}/moderator`, { enabled });
    context.say(enabled ? 'moderator' : 'no moderator');
  },
};

/** The exit code; undefined when there is no such command. */
export async function runRoomCommand(
  name = '',
  args: Args,
  context: CommandContext,
): Promise<number | undefined> {
  const run = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (run === undefined) return undefined;
  await run(args, context);
  return 0;
}

function read(
  args: Args,
  min: number,
  max: number,
  options: NonNullable<ParseArgsConfig['options']> = {},
) {
  let parsed: {
    positionals: string[];
    values: Record<string, string | boolean | (string | boolean)[] | undefined>;
  };
  try {
    parsed = parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const { length } = parsed.positionals;
  if (length < min || length > max) {
    throw new UsageError(
      length > max
        ? `"${parsed.positionals[max]}" is too much. ${SEE_HELP}`
        : `something is missing. ${SEE_HELP}`,
    );
  }
  return parsed;
}

function readSwitch(word: string | undefined): boolean {
  if (word !== 'on' && word !== 'off') throw new UsageError(`${word}: expected on or off.`);
  return word === 'on';
}

function reasonOf({ reason }: Readonly<Record<string, unknown>>) {
  return typeof reason === 'string' ? { reason } : {};
}

async function readPassword(context: CommandContext): Promise<string> {
  const password = (await context.readInput()).replace(/\r?\n$/, '');
  if (password === '') throw new UsageError('the password on standard input is empty.');
  return password;
}

function keptPath(room = ''): string {
  return `/v1/kept-rooms/${encodeURIComponent(room)}`;
}

function pathOf(room = ''): string {
  return `/v1/rooms/${encodeURIComponent(room)}`;
}

function occupantPath([room, id = '']: Args): string {
  return `${pathOf(room)}/occupants/${encodeURIComponent(id)}`;
}

function guestPath([room, id = '']: Args): string {
  return `${pathOf(room)}/lobby/${encodeURIComponent(id)}`;
}

function lineOf({ name, jid, kind, participants, isLocked, hasLobby }: Room): string {
  const marks = [kind !== 'conference' && kind, isLocked && 'locked', hasLobby && 'lobby']
    .filter(Boolean)
    .join(', ');
  return `${plain(kind === 'conference' ? name : jid)}  ${participants} ${participants === 1 ? 'person' : 'people'}${marks === '' ? '' : `  (${marks})`}`;
}

/** Names come from clients: no control characters on somebody's terminal. */
function plain(text: string): string {
  return text.replace(/\p{C}/gu, '\u{FFFD}');
}
