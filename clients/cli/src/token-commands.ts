/** `conclave token create` and `conclave token explain`. */
import { parseArgs } from 'node:util';
import {
  createClaims,
  PublicKeys,
  refuseRoom,
  remedyFor,
  signToken,
  type TokenCheck,
  TokenVerifier,
} from '@conclave/access';
import { randomUuid } from '@conclave/base';
import { tenantDomain, tenantFromPath } from '@conclave/protocols/xmpp';
import { type CommandContext, UsageError } from './command.ts';
import { readDuration } from './duration.ts';
import { readTokenSettings } from './token-settings.ts';

export const TOKEN_USAGE = `  token create --room ROOM --user NAME [--tenant TENANT] [--email ADDRESS] [--moderator]
               [--feature NAME ...] [--expires 1h]
      Writes a token signed with JWT_APP_SECRET. ROOM "*" is every room.
  token explain TOKEN [--room ROOM]
      Says for each claim what is expected and what came, and the verdict.
      TOKEN "-" is read from standard input.`;

const KEY_TIMEOUT_MS = 5_000;
const NO_ISSUER = 'JWT_APP_ID is not set, in the environment or in .env of this folder.';

/** The exit code; undefined when there is no such command. */
export async function runTokenCommand(
  name: string | undefined,
  args: readonly string[],
  context: CommandContext,
): Promise<number | undefined> {
  if (name === 'explain') return (await explainToken(args, context)) ? 0 : 1;
  if (name !== 'create') return undefined;
  await createToken(args, context);
  return 0;
}

/** Writes a token, and nothing else. */
async function createToken(args: readonly string[], context: CommandContext): Promise<void> {
  const { values } = parse({
    args: [...args],
    options: {
      room: { type: 'string' },
      tenant: { type: 'string' },
      user: { type: 'string' },
      email: { type: 'string' },
      moderator: { type: 'boolean', default: false },
      feature: { type: 'string', multiple: true, default: [] },
      expires: { type: 'string', default: '1h' },
    },
  });
  const { room, tenant, user, email, moderator, feature, expires } = values;
  if (!room) throw new UsageError('--room is missing: the name of a room, or "*" for every room.');
  if (!user) throw new UsageError('--user is missing: the name that others see.');
  const lifetimeS = readDuration(expires);
  if (lifetimeS === undefined) {
    throw new UsageError(`--expires ${expires}: expected a time such as 30m, 1h or 7d.`);
  }
  const settings = readTokenSettings(context.environment, context.file);
  if (settings.issuer === '') throw new UsageError(NO_ISSUER);
  const [secret] = settings.secrets;
  if (secret === undefined) {
    throw new UsageError(
      'JWT_APP_SECRET is not set, in the environment or in .env of this folder. Where tokens are signed with private keys, whoever holds those makes them.',
    );
  }
  const claims = createClaims(
    {
      room,
      ...(tenant !== undefined && { tenant }),
      user,
      ...(email !== undefined && { email }),
      isModerator: moderator,
      features: feature,
      lifetimeS,
    },
    settings,
    randomUuid(context.random),
    context.clock.wallMs() / 1000,
  );
  const { algorithm = 'HS256' } = settings.rules;
  if (!algorithm.startsWith('HS')) {
    throw new UsageError(
      `JWT_SIGN_TYPE=${algorithm}: such tokens are made with a private key, by whoever holds it.`,
    );
  }
  context.say(await signToken(claims, secret, algorithm));
}

/** Says what the server would think of a token; true when it would accept it. */
async function explainToken(args: readonly string[], context: CommandContext): Promise<boolean> {
  const { values, positionals } = parse({
    args: [...args],
    allowPositionals: true,
    options: { room: { type: 'string' } },
  });
  const [given] = positionals;
  if (given === undefined || positionals.length > 1) {
    throw new UsageError('expected one token, or - to read it from standard input.');
  }
  const token = (given === '-' ? await context.readInput() : given).trim();
  const settings = readTokenSettings(context.environment, context.file);
  const { rules, secrets, keyServer, keySet } = settings;
  if (rules.issuers.includes('')) throw new UsageError(NO_ISSUER);
  const keys = new PublicKeys(context.clock, { keyServer, keySet, timeoutMs: KEY_TIMEOUT_MS });
  if (secrets.length === 0 && !keys.isConfigured) {
    throw new UsageError(
      'nothing to verify tokens with: set JWT_APP_SECRET, JWT_ASAP_KEYSERVER or JWT_JWKS_URL, in the environment or in .env of this folder.',
    );
  }
  const verdict = await new TokenVerifier(context.clock, rules, secrets, keys).explain(token);
  for (const check of verdict.checks) context.say(lineOf(check));
  if (verdict.failure !== undefined) {
    const wrong = verdict.checks.find(({ failure }) => failure === verdict.failure);
    if (wrong !== undefined) context.say(`what to do: ${remedyFor(wrong)}`);
    context.say(`refused: ${verdict.failure.text}`);
    return false;
  }
  if (values.room === undefined) {
    context.say('accepted');
    return true;
  }
  const [name = '', tenant = ''] = values.room.toLowerCase().split('/').reverse();
  const room = { node: name, domain: tenantDomain(rules.mucDomain, tenantFromPath(tenant)) };
  const refusal = refuseRoom(verdict.claims, rules, room);
  context.say(
    refusal === undefined
      ? `accepted in ${values.room}`
      : `accepted, but refused in ${values.room}: ${refusal}`,
  );
  return refusal === undefined;
}

function lineOf({ subject, expected, got, failure }: TokenCheck): string {
  const verdict = failure === undefined ? 'ok   ' : 'WRONG';
  return `${verdict} ${subject.padEnd(9)}  got ${got}; expected ${expected}`;
}

/** parseArgs, with its complaints as ours. */
const parse: typeof parseArgs = (config) => {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
};
