/** `conclave`: finds the command. Exit codes: 0 yes, 1 no (a token that is refused), 2 wrong usage. */

import { AdminError } from './admin-client.ts';
import { type CommandContext, UsageError } from './command.ts';
import { ROOM_USAGE, runRoomCommand } from './room-commands.ts';
import { runTokenCommand, TOKEN_USAGE } from './token-commands.ts';
import { runUserCommand, USER_USAGE } from './user-commands.ts';

interface Area {
  readonly usage: string;
  /** The exit code; undefined when there is no command of this name. */
  run(
    name: string | undefined,
    args: readonly string[],
    context: CommandContext,
  ): Promise<number | undefined>;
}

const DOCTOR_USAGE = `  doctor
      Looks at settings, certificate, ports, clock and whoever is asked at log-ins,
      and says what is wrong and what to do. Changes nothing.`;

const AREAS: ReadonlyMap<string | undefined, Area> = new Map<string, Area>([
  ['token', { usage: TOKEN_USAGE, run: runTokenCommand }],
  ['user', { usage: USER_USAGE, run: runUserCommand }],
  ['rooms', { usage: ROOM_USAGE, run: runRoomCommand }],
  [
    'doctor',
    {
      usage: DOCTOR_USAGE,
      run: async (name, _, context) => (name === undefined ? context.runDoctor() : undefined),
    },
  ],
]);

/** Of one area, or of all. */
function usageOf(area: Area | undefined): string {
  const usages = (area === undefined ? [...AREAS.values()] : [area]).map(({ usage }) => usage);
  return `Usage: conclave <command>, in the server's folder: node dist/conclave.js <command>

${usages.join('\n\n')}

Settings come from the environment and from .env in this folder, as for the server.`;
}

export async function runCli(args: readonly string[], context: CommandContext): Promise<number> {
  const [first, second, ...rest] = args;
  const isHelp = first === 'help' || args.includes('--help') || args.includes('-h');
  const area = AREAS.get(first === 'help' ? second : first);
  if (isHelp) {
    context.say(usageOf(area));
    return 0;
  }
  try {
    const code = await area?.run(second, rest, context);
    if (code !== undefined) return code;
    const meant = [first, second].filter((word) => word !== undefined).join(' ');
    if (area !== undefined && second === undefined) context.complain(`${first}: which command?\n`);
    else if (first !== undefined) context.complain(`There is no command "${meant}".\n`);
    context.complain(usageOf(area));
    return 2;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof AdminError)) throw error;
    context.complain(`conclave ${first} ${second}: ${error.message}`);
    return error instanceof UsageError ? 2 : 1;
  }
}
