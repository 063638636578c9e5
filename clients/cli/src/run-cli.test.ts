import { describe, expect, test } from 'vitest';
import { runCli } from './run-cli.ts';

const ENVIRONMENT = { JWT_APP_ID: 'app', JWT_APP_SECRET: 'a secret of some length' };

async function run(
  args: readonly string[],
  options: {
    readonly environment?: Record<string, string>;
    readonly file?: Record<string, string>;
    readonly input?: string;
    readonly wallMs?: number;
  } = {},
) {
  const lines: string[] = [];
  const complaints: string[] = [];
  const wallMs = options.wallMs ?? 1_790_000_000_000;
  const code = await runCli(args, {
    clock: { nowMs: () => 0, wallMs: () => wallMs },
    random: { bytes: (length) => new Uint8Array(length).fill(7) },
    environment: options.environment ?? ENVIRONMENT,
    file: options.file ?? {},
    say: (line) => lines.push(line),
    complain: (line) => complaints.push(line),
    readInput: async () => options.input ?? '',
    runDoctor: async () => 7,
    readPassword: async () => options.input ?? '',
  });
  return { code, lines, output: lines.join('\n'), complaint: complaints.join('\n') };
}

const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as unknown;

describe('conclave token create', () => {
  test('writes a token with the rights asked for', async () => {
    const args = ['--room', 'daily', '--user', 'Ada', '--moderator', '--feature', 'recording'];
    const { code, lines } = await run(['token', 'create', ...args, '--expires', '2h']);
    expect([code, lines.length]).toEqual([0, 1]);
    expect(claimsOf(lines[0] ?? '')).toMatchObject({
      iss: 'app',
      aud: 'app',
      sub: 'meet.jitsi',
      room: 'daily',
      iat: 1_790_000_000,
      exp: 1_790_007_200,
      context: { user: { name: 'Ada', moderator: true }, features: { recording: true } },
    });
  });

  test('says an audience and an issuer that are accepted', async () => {
    const environment = {
      JWT_APP_SECRET: 's'.repeat(32),
      JWT_ACCEPTED_ISSUERS: 'team-*, portal',
      JWT_ACCEPTED_AUDIENCES: '*,meet',
    };
    const { lines } = await run(['token', 'create', '--room', '*', '--user', 'A'], { environment });
    expect(claimsOf(lines[0] ?? '')).toMatchObject({ iss: 'portal', aud: 'meet', room: '*' });
    expect((await run(['token', 'explain', lines[0] ?? ''], { environment })).code).toBe(0);
  });

  test.each([
    [['--user', 'Ada'], /--room is missing/],
    [['--room', 'r'], /--user is missing/],
    [['--room', 'r', '--user', 'A', '--expires', 'soon'], /--expires soon: expected .*1h/],
    [['--room', 'r', '--user', 'A', '--expires', '0s'], /--expires/],
    [['--room', 'r', '--user', 'A', '--expires', '99999d'], /--expires/],
    [['--rom', 'r'], /--rom/],
  ])('%j is explained', async (args, message) => {
    const { code, output, complaint } = await run(['token', 'create', ...args]);
    expect(code).toBe(2);
    expect(complaint).toMatch(message);
    // What somebody keeps as the token is empty then.
    expect(output).toBe('');
  });

  test('names the setting that is missing', async () => {
    const args = ['token', 'create', '--room', 'r', '--user', 'A'];
    expect((await run(args, { environment: {} })).complaint).toMatch(/JWT_APP_ID is not set/);
    const noSecret = await run(args, { environment: { JWT_APP_ID: 'app' } });
    expect(noSecret.complaint).toMatch(/JWT_APP_SECRET is not set/);
    expect((await run(args, { environment: {}, file: ENVIRONMENT })).code).toBe(0);
  });
});

test('JWT_SIGN_TYPE leaves one way to sign', async () => {
  const make = ['token', 'create', '--room', 'r', '--user', 'A'];
  const any = (await run(make)).lines[0] ?? '';
  const environment = { ...ENVIRONMENT, JWT_SIGN_TYPE: 'HS512' };
  const strict = (await run(make, { environment })).lines[0] ?? '';
  const isAccepted = async (token: string) =>
    (await run(['token', 'explain', token], { environment })).code === 0;
  expect([await isAccepted(any), await isAccepted(strict)]).toEqual([false, true]);
  const keys = await run(make, { environment: { ...ENVIRONMENT, JWT_SIGN_TYPE: 'RS256' } });
  expect(keys.complaint).toMatch(/JWT_SIGN_TYPE=RS256: .*private key/);
});

test('a token of a tenant opens the rooms of that tenant', async () => {
  const environment = { ...ENVIRONMENT, JWT_ENABLE_DOMAIN_VERIFICATION: '1' };
  const args = ['token', 'create', '--room', '*', '--user', 'Ada', '--tenant', 'acme'];
  const { lines } = await run(args, { environment });
  const explained = (room: string) =>
    run(['token', 'explain', lines[0] ?? '', '--room', room], { environment });
  expect((await explained('acme/daily')).output).toContain('accepted in acme/daily');
  expect((await explained('other/daily')).output).toContain('room-mismatch');
  expect((await explained('daily')).output).toContain('room-mismatch');
});

describe('conclave token explain', () => {
  const create = async (room = 'daily') =>
    (await run(['token', 'create', '--room', room, '--user', 'Ada'])).lines[0] ?? '';

  test('lists each claim, and accepts', async () => {
    const { code, lines, output } = await run(['token', 'explain', await create()]);
    expect(code).toBe(0);
    expect(lines.at(-1)).toBe('accepted');
    for (const subject of ['typ', 'alg', 'signature', 'exp', 'nbf', 'iss', 'aud', 'room']) {
      expect(output).toMatch(new RegExp(`^ok    ${subject} `, 'm'));
    }
  });

  test('goes on after the first fault, never shows the secret, and tells the first', async () => {
    const token = await create();
    const environment = { JWT_APP_ID: 'other', JWT_APP_SECRET: 'another secret' };
    const { code, lines, output } = await run(['token', 'explain', '-'], {
      environment,
      input: `${token}\n`,
      wallMs: 1_790_003_700_000,
    });
    expect(code).toBe(1);
    expect(output).toMatch(/^WRONG signature/m);
    expect(output).toMatch(/^WRONG exp .*got 1790003600 \(2026-\S+Z\); expected after 1790003700/m);
    expect(output).toMatch(/^WRONG iss {8}got "app"; expected one of \["other"\]/m);
    expect(lines.at(-1)).toBe('refused: Invalid signature');
    expect(output).not.toContain('another secret');
    expect(output).not.toContain(token.split('.')[2]);
  });

  test('tells whether it opens a room', async () => {
    const token = await create('daily');
    expect((await run(['token', 'explain', token, '--room', 'Daily'])).code).toBe(0);
    const other = await run(['token', 'explain', token, '--room', 'weekly']);
    expect(other.code).toBe(1);
    expect(other.output).toMatch(/refused in weekly: room-name-does-not-match/);
  });

  test.each([
    [[], /expected one token/],
    [['a', 'b'], /expected one token/],
    [['a', '--wrong'], /--wrong/],
  ])('%j is explained', async (args, message) => {
    const { code, complaint } = await run(['token', 'explain', ...args]);
    expect(code).toBe(2);
    expect(complaint).toMatch(message);
  });
});

test('--help anywhere shows the usage, of all or of what it is about', async () => {
  for (const args of [['--help'], ['help'], ['-h'], ['help', 'nothing']]) {
    const { code, output, complaint } = await run(args);
    expect([code, complaint]).toEqual([0, '']);
    for (const command of ['token create', 'user add', 'rooms list', 'doctor']) {
      expect(output).toContain(`  ${command}`);
    }
  }
  for (const args of [
    ['rooms', '--help'],
    ['help', 'rooms'],
    ['rooms', 'kick', '-h'],
    ['rooms', 'nothing', '--help'],
  ]) {
    const { code, output } = await run(args);
    expect(code).toBe(0);
    expect(output).toContain('  rooms kick ROOM ID');
    expect(output).not.toContain('  user add');
  }
});

test.each([
  [['token'], 'token: which command?'],
  [['token', 'make'], 'There is no command "token make"'],
  [['user', 'ad'], 'There is no command "user ad"'],
  [['user', 'constructor'], 'There is no command "user constructor"'],
  [['rooms', 'toString'], 'There is no command "rooms toString"'],
  [['doctor', 'now'], 'There is no command "doctor now"'],
  [['restart'], 'There is no command "restart"'],
  [[], 'Usage:'],
])('%j is refused, with the usage of what was meant', async (args, message) => {
  const { code, output, complaint } = await run(args);
  expect([code, output]).toEqual([2, '']);
  expect(complaint).toContain(message);
  expect(complaint).toContain(args.length > 1 ? `  ${args[0]}` : 'Usage:');
});

test.each([
  [['rooms', 'kick', 'daily'], /something is missing/],
  [['rooms', 'list', 'daily'], /"daily" is too much/],
  [['rooms', 'lobby', 'daily', 'yes'], /yes: expected on or off/],
  [['rooms', 'end', 'daily', '--force'], /--force/],
])('%j is explained', async (args, message) => {
  const { code, complaint } = await run(args);
  expect(code).toBe(2);
  expect(complaint).toMatch(message);
});
