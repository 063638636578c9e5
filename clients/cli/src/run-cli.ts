/** `conclave`: finds the command. Exit codes: 0 yes, 1 no (a token that is refused), 2 wrong usage. */

import { AdminError } from './admin-client.ts';
import { type CommandContext, UsageError } from './command.ts';
import { findRoomCommand, ROOM_USAGE } from './room-commands.ts';
import { createToken, explainToken } from './token-commands.ts';
import { runUserCommand, USER_USAGE } from './user-commands.ts';

const USAGE = `Usage: conclave <command>

  token create --room ROOM --user NAME [--tenant TENANT] [--email ADDRESS] [--moderator]
               [--feature NAME ...] [--expires 1h]
      Writes a token signed with JWT_APP_SECRET. ROOM "*" is every room.
  token explain TOKEN [--room ROOM]
      Says for each claim what is expected and what came, and the verdict.
      TOKEN "-" is read from standard input.
${USER_USAGE}
${ROOM_USAGE}
  doctor
      Looks at settings, certificate, ports, clock and whoever is asked at log-ins,
      and says what is wrong and what to do. Changes nothing.

Settings come from the environment and from .env in this folder, as for the server.`;

export async function runCli(args: readonly string[], context: CommandContext): Promise<number> {
  const [area, name, ...rest] = args;
  try {
    switch (`${area} ${name}`) {
      case 'token create':
        await createToken(rest, context);
        return 0;
      case 'token explain':
        return (await explainToken(rest, context)) ? 0 : 1;
      default:
        if (area === 'rooms') {
          const command = findRoomCommand(name);
          if (command !== undefined) {
            await command(rest, context);
            return 0;
          }
        }
        if (area === 'doctor' && name === undefined) return await context.runDoctor();
        if (area === 'user' && (await runUserCommand(name, rest, context))) return 0;
        context.say(USAGE);
        return area === 'help' || area === '--help' ? 0 : 2;
    }
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof AdminError)) throw error;
    context.say(`conclave ${area} ${name}: ${error.message}`);
    return error instanceof UsageError ? 2 : 1;
  }
}
