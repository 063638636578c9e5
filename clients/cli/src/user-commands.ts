/**
 * `conclave user …`: accounts of this server (`AUTH_TYPE=internal`). They are in a database of the state
 * folder, so that this works whether the server runs or not; it notices changes within seconds.
 */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  AccountStore,
  Derivations,
  deriveInPool,
  keysOfPassword,
  normaliseAccountName,
  passwordFault,
} from '@conclave/access';
import { silentLogger } from '@conclave/base';
import { StateFolder, StorageError } from '@conclave/platform/storage';
import { AuditFile } from '@conclave/platform/telemetry';
import { type CommandContext, UsageError } from './command.ts';
import { readDuration } from './duration.ts';

export const USER_USAGE = `  user add NAME [--display-name "Ada L."] [--email ADDRESS]
      Makes an account. Its password is asked for, or read from standard input.
  user invite NAME [--display-name …] [--email …] [--expires 7d]
      Makes the account if need be, and writes a link on which the person sets
      the password. The link works once. --url https://… when PUBLIC_URL is not set.
  user passwd NAME
  user list
  user disable|enable|remove NAME
      Disabled and removed accounts are logged out within seconds.`;

/** Nobody else waits here. */
const ADDRESS = 'command';

type Values = Readonly<Record<string, string | boolean | undefined>>;

interface UserCommand {
  readonly store: AccountStore;
  readonly context: CommandContext;
  readonly name: string;
  readonly values: Values;
  audit(event: string): void;
}

const COMMANDS: Readonly<Record<string, (command: UserCommand) => Promise<void> | void>> = {
  add: addUser,
  invite: inviteUser,
  passwd: changePassword,
  disable: (command) => setDisabled(command, true),
  enable: (command) => setDisabled(command, false),
  remove: removeUser,
};

/** The exit code; undefined when there is no such command. */
export async function runUserCommand(
  action = '',
  args: readonly string[],
  context: CommandContext,
): Promise<number | undefined> {
  const run = Object.hasOwn(COMMANDS, action) ? COMMANDS[action] : undefined;
  if (run === undefined && action !== 'list') return undefined;
  const { values, positionals } = parse(args);
  const [given] = positionals;
  const name = normaliseAccountName(given ?? '');
  if (run !== undefined && (name === undefined || positionals.length > 1)) {
    throw new UsageError(
      'expected the name of one account: at most 64 characters, no spaces and none of "&\'/:<>@',
    );
  }
  const folder = stateFolder(context);
  try {
    const state = new StateFolder(folder);
    const store = new AccountStore(context.clock, state);
    const audit = openAudit(context, state);
    try {
      if (run === undefined) listUsers(store, context);
      else {
        const record = (event: string) =>
          audit?.record({ event, actor: 'administrator', target: name ?? '' });
        await run({ store, context, name: name ?? '', values, audit: record });
      }
    } finally {
      store.close();
      await audit?.close();
    }
  } catch (error) {
    if (error instanceof StorageError) throw new UsageError(error.message);
    throw error;
  }
  return 0;
}

async function addUser(command: UserCommand): Promise<void> {
  const { store, context, name } = command;
  if (store.find(name) !== undefined) {
    throw new UsageError(
      `there is an account ${name} already; "user passwd" changes its password.`,
    );
  }
  const keys = await askPassword(command);
  store.add({ name, ...personOf(command.values) });
  store.setKeys(name, keys);
  command.audit('account.added');
  context.say(`added ${name}`);
  hint(context);
}

function inviteUser(command: UserCommand): void {
  const { store, context, name, values } = command;
  const text = typeof values.expires === 'string' ? values.expires : '7d';
  const lifetimeS = readDuration(text);
  if (lifetimeS === undefined) {
    throw new UsageError(`--expires ${text}: expected a time such as 30m, 1h or 7d.`);
  }
  const origin = originOf(context, values.url);
  if (store.add({ name, ...personOf(values) })) command.audit('account.added');
  const token = store.invite(name, lifetimeS * 1000);
  if (token === undefined) throw new UsageError(`there is no account ${name} any more.`);
  command.audit('account.invited');
  context.say(`${origin}/invite/${token}`);
  hint(context);
}

async function changePassword(command: UserCommand): Promise<void> {
  const { store, context, name } = command;
  requireAccount(command);
  store.setKeys(name, await askPassword(command));
  command.audit('account.password');
  context.say(`the password of ${name} is changed`);
}

function setDisabled(command: UserCommand, isDisabled: boolean): void {
  requireAccount(command);
  command.store.setDisabled(command.name, isDisabled);
  command.audit(isDisabled ? 'account.disabled' : 'account.enabled');
  command.context.say(`${command.name} is ${isDisabled ? 'disabled' : 'enabled'}`);
}

function removeUser(command: UserCommand): void {
  requireAccount(command);
  command.store.remove(command.name);
  command.audit('account.removed');
  command.context.say(`removed ${command.name}`);
}

function listUsers(store: AccountStore, context: CommandContext): void {
  for (const account of store.list()) {
    const state = account.isDisabled ? 'disabled' : account.hasPassword ? 'active' : 'invited';
    const since = new Date(account.createdMs).toISOString().slice(0, 10);
    const about = [account.displayName, account.email].filter((text) => text !== undefined);
    context.say([account.name.padEnd(24), state.padEnd(8), since, ...about].join('  '));
  }
}

function requireAccount({ store, name }: UserCommand): void {
  if (store.find(name) === undefined) throw new UsageError(`there is no account ${name}.`);
}

async function askPassword({ context, name }: UserCommand) {
  const password = await context.readPassword(`Password for ${name}: `);
  const fault = passwordFault(name, password);
  if (fault !== undefined) throw new UsageError(`${fault.text}.`);
  const keys = await keysOfPassword(new Derivations(deriveInPool), password, ADDRESS);
  if (keys === undefined) throw new Error('one derivation fits into an empty queue');
  return keys;
}

function personOf(values: Values) {
  const { 'display-name': displayName, email } = values;
  return {
    displayName: typeof displayName === 'string' ? displayName : undefined,
    email: typeof email === 'string' ? email : undefined,
  };
}

function originOf(context: CommandContext, given: unknown): string {
  const port = setting(context, 'HTTPS_PORT') ?? '8443';
  const text = typeof given === 'string' ? given : setting(context, 'PUBLIC_URL');
  if (text === undefined) return `https://localhost:${port}`;
  const full = /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(full)) throw new UsageError(`${text} is not a URL.`);
  return new URL(full).origin;
}

/** An account that nothing asks for surprises. */
function hint(context: CommandContext): void {
  const isOn = /^(1|true|yes|on)$/i.test(setting(context, 'ENABLE_AUTH') ?? '');
  const types = (setting(context, 'AUTH_TYPE') ?? 'internal').toLowerCase().split(/\s*,\s*/);
  if (!isOn || !types.includes('internal')) {
    context.complain('note: accounts count only with ENABLE_AUTH=1 and AUTH_TYPE=internal.');
  }
}

function openAudit(context: CommandContext, state: StateFolder): AuditFile | undefined {
  if (/^(0|false|no|off)$/i.test(setting(context, 'AUDIT_LOG_ENABLED') ?? '')) return undefined;
  return new AuditFile(silentLogger, {
    path: state.pathOf('audit.log'),
    // The server sets the file aside when it has grown.
    maxBytes: Number.POSITIVE_INFINITY,
    keep: 1,
    wallMs: () => context.clock.wallMs(),
  });
}

/** As the server reads it: the environment wins over `.env`, and empty counts as not set. */
function setting({ environment, file }: CommandContext, name: string): string | undefined {
  return environment[name]?.trim() || file[name]?.trim() || undefined;
}

function stateFolder(context: CommandContext): string {
  const text = setting(context, 'CONFIG') ?? '~/.conclave';
  return text === '~' || text.startsWith('~/') ? join(homedir(), text.slice(1)) : resolve(text);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'display-name': { type: 'string' },
        email: { type: 'string' },
        expires: { type: 'string' },
        url: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
