import { createHmac, pbkdf2Sync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditRecord, silentLogger } from '@conclave/base';
import { StateFolder } from '@conclave/platform/storage';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_LOCK_OUT } from '../core/lock-out.ts';
import type { PasswordCheck } from '../core/password-check.ts';
import { AccountStore } from './account-store.ts';
import { Accounts, keysOfPassword } from './accounts.ts';
import { Derivations, type Derive } from './derivations.ts';
import { COSTS, hashesOf } from './password-keys.ts';
import { type PasswordLogin, PasswordLogins } from './password-logins.ts';

/** The real function with a cost that suits tests. */
const cheap: Derive = async ({ digest, password, salt, length }) =>
  Uint8Array.from(pbkdf2Sync(password, salt, 2, length, digest));

let folder: string;
let store: AccountStore;
let nowMs = 0;
const clock = { nowMs: () => nowMs, wallMs: () => 1_790_000_000_000 + nowMs };
const derivations = new Derivations(cheap);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'conclave-accounts-'));
  store = new AccountStore(clock, new StateFolder(folder));
  for (const name of ['ada', 'off', 'gone']) {
    store.add({ name, displayName: name.toUpperCase() });
    const keys = await keysOfPassword(derivations, `secret of ${name}`, '');
    if (keys !== undefined) store.setKeys(name, keys);
  }
  store.add({ name: 'invited' });
  store.setDisabled('off', true);
  store.remove('gone');
});
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

function logins(derive: Derive = cheap) {
  const records: AuditRecord[] = [];
  const accounts = new Accounts(store, new Derivations(derive), 'a secret of the server');
  const desk = new PasswordLogins(
    { clock, logger: silentLogger, audit: { record: (record) => void records.push(record) } },
    accounts,
    accounts,
    DEFAULT_LOCK_OUT,
  );
  const request = (mechanism: 'PLAIN' | 'SCRAM-SHA-256', initialResponse: string | undefined) =>
    desk.authenticate({
      mechanism,
      domain: 'meet.jitsi',
      initialResponse,
      remoteAddress: '192.0.2.1',
    });
  return { desk, accounts, records, request };
}

/** A SCRAM client, with the cost of these tests. */
async function scram(
  request: ReturnType<typeof logins>['request'],
  user: string,
  password: string,
): Promise<{ readonly result: PasswordLogin; readonly challenge: string }> {
  const bare = `n=${user},r=clientnonce`;
  const first = await request('SCRAM-SHA-256', `n,,${bare}`);
  if (first.type !== 'challenge') return { result: first, challenge: '' };
  const [, nonce = '', salt = ''] = /^r=([^,]+),s=([^,]+),i=\d+$/.exec(first.data) ?? [];
  const { hmac, hash, toBase64 } = hashesOf('SCRAM-SHA-256');
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), 2, 32, 'sha256');
  const clientKey = hmac(Uint8Array.from(salted), 'Client Key');
  const withoutProof = `c=biws,r=${nonce}`;
  const signature = hmac(hash(clientKey), `${bare},${first.data},${withoutProof}`);
  const proof = clientKey.map((byte, i) => byte ^ (signature[i] ?? 0));
  const result = await first.respond(`${withoutProof},p=${toBase64(proof)}`);
  return { result, challenge: first.data };
}

describe('PLAIN', () => {
  test.each([
    ['\0ada\0secret of ada', 'accepted'],
    ['\0ADA\0secret of ada', 'accepted'],
    ['ada@meet.jitsi\0ada\0secret of ada', 'accepted'],
    ['ben@meet.jitsi\0ada\0secret of ada', 'not-authorized'],
    ['\0ada\0wrong', 'not-authorized'],
    ['\0nobody\0secret of ada', 'not-authorized'],
    ['\0off\0secret of off', 'not-authorized'],
    ['\0gone\0secret of gone', 'not-authorized'],
    ['\0invited\0x', 'not-authorized'],
    [`\0ada\0${'x'.repeat(5_000)}`, 'not-authorized'],
    ["\0ada' OR 1=1 --\0x", 'not-authorized'],
    ['\0ada\0', 'malformed-request'],
    ['\0ada', 'malformed-request'],
    ['\0ada\0secret\0of ada', 'malformed-request'],
  ])('%j: %s', async (text, outcome) => {
    const result = await logins().request('PLAIN', text);
    expect(result.type === 'refused' ? result.condition : result.type).toBe(outcome);
  });

  test('is asked for when it does not come at once', async () => {
    const first = await logins().request('PLAIN', undefined);
    expect(first).toMatchObject({ type: 'challenge', data: '' });
    const result = first.type === 'challenge' ? await first.respond('\0ada\0secret of ada') : first;
    expect(result).toMatchObject({
      type: 'accepted',
      identity: {
        account: 'ada',
        isAuthenticated: true,
        isModerator: true,
        user: { id: 'ada', name: 'ADA' },
      },
    });
  });

  test('a queue that is full puts off, and that is nobody’s failure', async () => {
    const never: Derive = () => new Promise(() => {});
    const { desk, records } = logins(never);
    const tries = Array.from({ length: 7 }, () => desk.verify('ada', 'x', '192.0.2.1'));
    expect(await tries[6]).toMatchObject({ condition: 'temporary-auth-failure' });
    expect(records).toEqual([]);
  });
});

describe('SCRAM-SHA-256', () => {
  test('lets in, and proves that the server knows the password too', async () => {
    const { result } = await scram(logins().request, 'ada', 'secret of ada');
    expect(result).toMatchObject({ type: 'accepted', identity: { account: 'ada' } });
    expect(result).toHaveProperty('data', expect.stringMatching(/^v=/));
  });

  test.each(['ada', 'nobody', 'off', 'invited'])('%s with a wrong password', async (user) => {
    const { request } = logins();
    const one = await scram(request, user, 'wrong');
    const two = await scram(request, user, 'wrong');
    expect(one.result).toEqual({ type: 'refused', condition: 'not-authorized', account: user });
    // The same salt each time, and the cost of all: what a real account looks like.
    const shape = (text: string) => text.replace(/^r=[^,]+/, '');
    expect(shape(two.challenge)).toBe(shape(one.challenge));
    expect(one.challenge).toContain(`,i=${COSTS['SCRAM-SHA-256'].iterations}`);
  });

  test('an account that is disabled does not get in with its password', async () => {
    const { result } = await scram(logins().request, 'off', 'secret of off');
    expect(result).toMatchObject({ type: 'refused' });
  });
});

test('guessing locks, the right password included, says so in the audit log, and ends', async () => {
  const { request, records } = logins();
  for (let i = 0; i < 4; i++) await request('PLAIN', '\0ada\0wrong');
  await scram(request, 'ada', 'wrong');
  expect(records).toEqual([{ event: 'login.locked', actor: 'ada', address: '192.0.2.1' }]);
  const locked = {
    type: 'refused',
    condition: 'not-allowed',
    text: 'too many failed log-ins: try again in 5 minutes',
    lockedMinutes: 5,
  };
  expect(await request('PLAIN', '\0ada\0secret of ada')).toMatchObject(locked);
  expect((await scram(request, 'ada', 'secret of ada')).result).toMatchObject(locked);
  nowMs += 5 * 60_000;
  expect(await request('PLAIN', '\0ada\0secret of ada')).toMatchObject({ type: 'accepted' });
});

describe('a directory that knows one person by several names', () => {
  const known = new Map([
    ['ada', 'right'],
    ['ada ', 'right'],
    ['ada@school.example', 'right'],
  ]);
  const directory: PasswordCheck = {
    verifyPassword: async (user, password) => {
      if (!known.has(user)) return { type: 'refused' };
      const person = 'uid=ada,dc=school';
      if (password !== known.get(user)) return { type: 'refused', person };
      return { type: 'accepted', account: 'ada', user: {}, isModerator: undefined, person };
    },
  };
  const open = () =>
    new PasswordLogins({ clock, logger: silentLogger }, directory, undefined, DEFAULT_LOCK_OUT);

  test('locks that person, and does not tell by whom else it is known', async () => {
    const desk = open();
    const wrong = { type: 'refused', condition: 'not-authorized' };
    for (const user of ['ada', 'ada ', 'ada@school.example', 'ada', 'ada ']) {
      expect(await desk.verify(user, 'guess', '192.0.2.1')).toMatchObject(wrong);
    }
    for (const user of known.keys()) {
      expect(await desk.verify(user, 'right', '192.0.2.1')).toMatchObject(wrong);
    }
    expect(await desk.verify('nobody', 'right', '192.0.2.1')).toMatchObject(wrong);
    // Elsewhere, and later, she comes in.
    expect(await desk.verify('ada', 'right', '192.0.2.2')).toMatchObject({ type: 'accepted' });
    nowMs += 5 * 60_000;
    expect(await desk.verify('ada', 'right', '192.0.2.1')).toMatchObject({ type: 'accepted' });
  });

  test('looks at no more guesses at once than one after the other', async () => {
    const desk = open();
    const guesses = Array.from({ length: 40 }, (_, i) => (i < 39 ? `guess ${i}` : 'right'));
    const results = await Promise.all(
      guesses.map((guess) => desk.verify('ada', guess, '192.0.2.1')),
    );
    const conditions = results.map((result) => result.type === 'refused' && result.condition);
    expect(conditions.filter((condition) => condition === 'not-authorized')).toHaveLength(5);
    expect(conditions.filter((condition) => condition === 'not-allowed')).toHaveLength(35);
    nowMs += 5 * 60_000;
  });

  test('a right password forgets the wrong ones under every name', async () => {
    const desk = open();
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 4; i++) await desk.verify('ada', 'guess', '192.0.2.1');
      const result = await desk.verify('ada', 'right', '192.0.2.1');
      expect(result).toMatchObject({ type: 'accepted' });
    }
  });
});

test('an invitation is good once, for its time, and only the latest', async () => {
  const keys = await keysOfPassword(derivations, 'a new password', '');
  if (keys === undefined) throw new Error('busy');
  const first = store.invite('invited', 1_000) ?? '';
  const second = store.invite('invited', 1_000) ?? '';
  expect(store.invited(first)).toBeUndefined();
  expect(store.invited(second)?.name).toBe('invited');
  nowMs += 1_000;
  expect(store.useInvitation(second, keys)).toBeUndefined();
  const third = store.invite('invited', 1_000) ?? '';
  expect(store.useInvitation(third, keys)).toBe('invited');
  expect(store.useInvitation(third, keys)).toBeUndefined();
  expect(await logins().request('PLAIN', '\0invited\0a new password')).toMatchObject({
    type: 'accepted',
  });
  expect(store.invite('nobody', 1_000)).toBeUndefined();
});

test('what is stored is what RFC 5802 says, at a modern cost', () => {
  const keys = store.keys('ada', 'SCRAM-SHA-256');
  expect(keys?.iterations).toBe(600_000);
  const salted = pbkdf2Sync('secret of ada', keys?.salt ?? '', 2, 32, 'sha256');
  expect(Buffer.from(keys?.serverKey ?? [])).toEqual(
    createHmac('sha256', salted).update('Server Key').digest(),
  );
});
